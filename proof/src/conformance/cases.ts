/**
 * What a store does, as a list of cases. Each runs against every store; what it returns is compared between them as well,
 * so that a case may be silent about what it does not care for and the stores still have to agree on it.
 */
import assert from 'node:assert/strict';
import type { Decision, State } from '../../../packages/engine/src/core/types.ts';
import { hashOf } from '../../../packages/engine/src/store/audit-chain.ts';
import { committedState } from '../../../packages/engine/src/store/commit.ts';
import type { Named } from '../../../packages/engine/src/store/store.ts';
import {
  accountOf,
  applied,
  beganAt,
  changeOf,
  decisionOf,
  entryOf,
  id,
  incidentOf,
  keep,
  key,
  nothingNamed,
  owners,
  pushOf,
  seated,
} from './decisions.ts';
import type { Subject } from './subject.ts';

export interface Case {
  readonly name: string;
  run(subject: Subject): Promise<unknown>;
}

export async function loaded(subject: Subject, of = key, named: Named = nothingNamed): Promise<State> {
  const state = await subject.store.load(of, named);
  assert.ok(state, `${of.organization} is there`);
  return state;
}

async function committed(subject: Subject, before: State, decision: Decision): Promise<void> {
  assert.equal(await subject.store.commit(before, decision, keep), 'committed');
}

/** One decision that writes a row of every kind. */
function everyKind(before: State): Decision {
  const carried = changeOf(1, { idempotencyKey: 'order 1', push: id(50), takes: 1, holders: ['dora'] });
  const push = pushOf(50, { changes: [carried.id] });
  return decisionOf(
    before,
    {
      seatCount: 12,
      reserved: 1,
      assigned: 3,
      changeCount: 1,
      push,
      dueAt: beganAt + 15_000,
      nextLookAt: beganAt + 60_000,
      lookedAt: beganAt - 1,
      lookTries: 2,
      tails: [{ push: id(49), targetQuantity: 8, rolledBack: true, dueAt: [beganAt + 1, beganAt + 2] }],
    },
    {
      changes: [carried],
      holders: new Map([
        ['dora', { holder: 'dora', state: 'reserved', change: carried.id }],
        ['ben', null],
      ]),
      pushesOpened: [push],
      incidents: [incidentOf('drift:acme')],
      audit: [entryOf('one', { change: carried.id, push: push.id }), entryOf('two')],
      events: [
        { type: 'incident.opened', change: null, data: { kind: 'drift' } },
        { type: 'seat.released', change: carried.id, data: { holders: ['ben'], seats: 1, last: false, why: null } },
      ],
    },
  );
}

export const cases: readonly Case[] = [
  {
    name: 'an unknown account is null, and so is another seat type of a known one',
    async run(subject) {
      await subject.create(accountOf());
      assert.equal(await subject.store.load({ ...key, organization: 'nobody' }, nothingNamed), null);
      assert.equal(await subject.store.load({ ...key, seatType: 'desk' }, nothingNamed), null);
    },
  },
  {
    name: 'a commit writes a row of every kind, and the state it hands on is what the next load brings',
    async run(subject) {
      await subject.create(accountOf(), seated('anna', 'ben', 'cleo'));
      const named = { keys: ['order 1', 'order 2'], holders: ['anna', 'ben', 'dora'] };
      const before = await loaded(subject, key, named);
      const decision = everyKind(before);
      await committed(subject, before, decision);
      const after = await loaded(subject, key, named);
      const { incidents, ...handedOn } = committedState(before, decision);
      assert.deepEqual({ ...after, incidents }, { ...handedOn, incidents });
      assert.deepEqual(after.incidents, [incidentOf('drift:acme')]);
      return [after, await subject.everything(key)];
    },
  },
  {
    name: 'a commit at a version that has moved writes nothing of any kind',
    async run(subject) {
      await subject.create(accountOf(), seated('anna', 'ben', 'cleo'));
      const stale = await loaded(subject);
      await committed(subject, stale, decisionOf(stale, { lookTries: 1 }, { audit: [entryOf('somebody was first')] }));
      const written = await subject.everything(key);
      // What it would write is made for the present trail, so that nothing but the version can stand in its way.
      const present = await loaded(subject);
      const decision = everyKind(present);
      const outdated = { ...present, account: { ...present.account, version: stale.account.version } };
      assert.equal(
        await subject.store.commit(outdated, decision, { type: 'take', owner: owners.anna, forMs: 1_000 }),
        'conflict',
      );
      assert.deepEqual(await subject.everything(key), written);
      return written;
    },
  },
  {
    name: 'each kind of row alone is guarded by the version',
    async run(subject) {
      await subject.create(accountOf(), seated('anna', 'ben', 'cleo'));
      const stale = await loaded(subject);
      await committed(subject, stale, decisionOf(stale, {}));
      const written = await subject.everything(key);
      const { records } = everyKind(stale);
      for (const kind of ['changes', 'holders', 'pushesOpened', 'incidents', 'audit', 'events'] as const) {
        const decision = decisionOf(stale, {}, { [kind]: records[kind] });
        assert.equal(await subject.store.commit(stale, decision, keep), 'conflict', kind);
        assert.deepEqual(await subject.everything(key), written, `${kind} were written although the version had moved`);
      }
    },
  },
  {
    name: 'a commit for an account that is not there is a conflict',
    async run(subject) {
      await subject.create(accountOf());
      const before = await loaded(subject);
      const elsewhere = { ...before, account: { ...before.account, organization: 'nobody' } };
      assert.equal(await subject.store.commit(elsewhere, decisionOf(elsewhere, {}), keep), 'conflict');
    },
  },
  {
    name: 'freeing one named holder leaves every other one in the seat, here and in other organizations',
    async run(subject) {
      const globex = { ...key, organization: 'globex' };
      await subject.create(accountOf(), seated('anna', 'ben', 'cleo'));
      await subject.create(accountOf(globex), seated('anna', 'ben'));
      const before = await loaded(subject, key, { keys: [], holders: ['ben'] });
      await committed(subject, before, decisionOf(before, { assigned: 3 }, { holders: new Map([['ben', null]]) }));
      const here = await subject.everything(key);
      const there = await subject.everything(globex);
      assert.deepEqual(
        here.holders.map(({ holder }) => holder),
        ['anna', 'cleo'],
      );
      assert.deepEqual(
        there.holders.map(({ holder }) => holder),
        ['anna', 'ben'],
      );
      return [here, there];
    },
  },
  {
    name: 'a holder takes a seat, waits in it, sits in it and leaves it',
    async run(subject) {
      await subject.create(accountOf());
      const seen: unknown[] = [];
      const waiting = changeOf(1, { takes: 1, holders: ['dora'] });
      for (const row of [
        { holder: 'dora', state: 'reserved', change: waiting.id } as const,
        { holder: 'dora', state: 'reserved', change: null } as const,
        { holder: 'dora', state: 'assigned', change: null } as const,
        null,
      ]) {
        const before = await loaded(subject, key, { keys: [], holders: ['dora'] });
        await committed(subject, before, decisionOf(before, {}, { holders: new Map([['dora', row]]) }));
        const after = await loaded(subject, key, { keys: [], holders: ['dora'] });
        assert.deepEqual(after.holders.get('dora') ?? null, row);
        seen.push(after.holders);
      }
      return seen;
    },
  },
  {
    name: 'a load brings the keys and holders that it names, and no others',
    async run(subject) {
      const globex = { ...key, organization: 'globex' };
      await subject.create(accountOf(), seated('anna', 'ben'));
      await subject.create(accountOf(globex), seated('anna'));
      const before = await loaded(subject);
      const ended = applied(changeOf(1, { idempotencyKey: 'order 1' }));
      const open = changeOf(2, { idempotencyKey: 'order 2' });
      await committed(
        subject,
        before,
        decisionOf(before, { changeCount: 2, seatCount: 12 }, { changes: [ended, open] }),
      );
      const nothing = await loaded(subject);
      assert.deepEqual([nothing.keys.size, nothing.holders.size], [0, 0]);
      assert.deepEqual(nothing.waiting, [open]);
      const some = await loaded(subject, key, { keys: ['order 1', 'order 3'], holders: ['ben', 'cleo'] });
      assert.deepEqual([...some.keys], [['order 1', ended]]);
      assert.deepEqual([...some.holders.keys()], ['ben']);
      const onlyKeys = await loaded(subject, key, { keys: ['order 2'], holders: [] });
      assert.deepEqual([...onlyKeys.keys], [['order 2', open]]);
      const elsewhere = await loaded(subject, globex, { keys: ['order 1'], holders: ['anna', 'ben'] });
      assert.deepEqual([elsewhere.keys.size, [...elsewhere.holders.keys()]], [0, ['anna']]);
      return [nothing, some, elsewhere];
    },
  },
  {
    name: 'changes are found by their ids, within their own organization',
    async run(subject) {
      const globex = { ...key, organization: 'globex' };
      await subject.create(accountOf());
      await subject.create(accountOf(globex));
      const before = await loaded(subject);
      const changes = [applied(changeOf(1)), changeOf(2)];
      await committed(subject, before, decisionOf(before, { changeCount: 2, seatCount: 12 }, { changes }));
      const found = await subject.store.changes(key, [id(1), id(2), id(3)]);
      assert.deepEqual(
        found.toSorted((a, b) => a.number - b.number),
        changes,
      );
      assert.deepEqual(await subject.store.changes(key, []), []);
      assert.deepEqual(await subject.store.changes(globex, [id(1), id(2)]), []);
    },
  },
  {
    name: 'everything about a change that can move does move',
    async run(subject) {
      await subject.create(accountOf());
      const first = await loaded(subject);
      await committed(subject, first, decisionOf(first, { changeCount: 1, seatCount: 12 }, { changes: [changeOf(1)] }));
      const moved = {
        ...changeOf(1),
        status: 'awaiting_payment',
        push: id(50),
        takes: 2,
        holders: ['dora', 'emil'],
        hangsOn: id(70),
        alone: true,
        supersededBy: id(71),
      } as const;
      const second = await loaded(subject);
      await committed(subject, second, decisionOf(second, {}, { changes: [moved] }));
      assert.deepEqual((await loaded(subject)).waiting, [moved]);
      const ended = {
        ...moved,
        status: 'rolled_back',
        takes: 0,
        holders: [],
        code: 'card_declined',
        message: 'No.',
        payment: true,
        endedAt: beganAt + 9,
      } as const;
      const third = await loaded(subject);
      await committed(subject, third, decisionOf(third, { seatCount: 10 }, { changes: [ended] }));
      assert.deepEqual((await loaded(subject)).waiting, []);
      assert.deepEqual(await subject.store.changes(key, [id(1)]), [ended]);
      return subject.everything(key);
    },
  },
  {
    name: 'waiting changes come in the order of their numbers, whatever the order of their ids',
    async run(subject) {
      await subject.create(accountOf());
      const before = await loaded(subject);
      const changes = [changeOf(10, { id: id(3) }), changeOf(9, { id: id(1) }), changeOf(11, { id: id(2) })];
      await committed(subject, before, decisionOf(before, { changeCount: 11, seatCount: 12 }, { changes }));
      const { waiting } = await loaded(subject);
      assert.deepEqual(
        waiting.map(({ number }) => number),
        [9, 10, 11],
      );
    },
  },
  {
    name: 'a mark raises the counter and makes the account due now, and not later than it was',
    async run(subject) {
      await subject.create(accountOf());
      await subject.create(accountOf({ organization: 'globex', dueAt: beganAt - 5_000 }));
      const globex = { ...key, organization: 'globex' };
      await subject.pass(1_000);
      for (const marked of [key, key, globex]) await subject.mark(marked);
      const here = (await loaded(subject)).account;
      const there = (await loaded(subject, globex)).account;
      assert.deepEqual([here.marks, here.dueAt, here.version], [2, beganAt + 1_000, 1]);
      assert.deepEqual([there.marks, there.dueAt], [1, beganAt - 5_000]);
    },
  },
  ...(
    [
      ['nothing else is due', null, 3_000],
      ['something is due later', beganAt + 60_000, 3_000],
      ['something is due earlier', beganAt + 1_000, 1_000],
    ] as const
  ).map(
    ([when, decided, expected]): Case => ({
      name: `a mark that arrives between load and commit still makes the account due, where ${when}`,
      async run(subject) {
        await subject.create(accountOf({ marks: 4, marksSeen: 2 }));
        const before = await loaded(subject);
        await subject.pass(3_000);
        await subject.mark(key);
        await committed(subject, before, decisionOf(before, { dueAt: decided, marksSeen: 4 }));
        const { account } = await loaded(subject);
        assert.equal(account.dueAt, beganAt + expected, 'the wake-up is lost');
        assert.deepEqual([account.marks, account.marksSeen], [5, 4]);
        return account;
      },
    }),
  ),
  {
    name: 'a mark that was loaded is answered: the commit decides what is due',
    async run(subject) {
      await subject.create(accountOf());
      await subject.mark(key);
      const before = await loaded(subject);
      assert.equal(before.account.dueAt, beganAt);
      await committed(subject, before, decisionOf(before, { dueAt: null, marksSeen: 1 }));
      const { account } = await loaded(subject);
      assert.deepEqual([account.dueAt, account.marks, account.marksSeen], [null, 1, 1]);
    },
  },
  {
    name: 'a webhook marks the accounts of its subscription, twice as often as it comes, and our own echo does not',
    async run(subject) {
      await subject.create(accountOf());
      await subject.create(accountOf({ organization: 'globex' }));
      const before = await loaded(subject);
      const push = pushOf(50);
      await committed(subject, before, decisionOf(before, { seatCount: 12, push }, { pushesOpened: [push] }));
      const told = (eventId: string, by: string | null, quantityBefore: number | null) => ({
        id: eventId,
        type: 'customer.subscription.updated',
        subscription: 'sub_acme',
        customer: null,
        items: [
          { item: 'si_acme', before: quantityBefore, after: 12 },
          { item: 'si_other', before: 1, after: 2 },
        ],
        requestId: null,
        key: by,
        push: by,
        createdAt: null,
      });
      const seen = [
        await subject.receive(told('evt_1', null, null)),
        await subject.receive(told('evt_1', null, null)),
        await subject.receive(told('evt_2', push.id, 10)),
        // Before our write there was another number than the one it started from: somebody was overwritten.
        await subject.receive(told('evt_3', push.id, 11)),
        await subject.receive(told('evt_4', id(51), 10)),
        await subject.receive({ ...told('evt_5', null, null), subscription: 'sub_nobody' }),
      ];
      assert.deepEqual(
        seen.map(({ accounts }) => accounts),
        [1, 1, 0, 1, 1, 0],
      );
      // What was told is kept under the marks, once; the second delivery of evt_1 tells nothing new.
      const reasons = await subject.store.markReasons(key, 0, 4);
      assert.deepEqual(
        reasons.map((reason) => [reason.mark, reason.quantityBefore, reason.quantityAfter, reason.push?.id ?? null]),
        [
          [1, null, 12, null],
          [3, 11, 12, push.id],
          [4, 10, 12, null],
        ],
      );
      assert.deepEqual([reasons[1]?.push?.fromQuantity, reasons[1]?.push?.outcome], [10, null]);
      assert.equal((await subject.store.markReasons(key, 3, 3)).length, 0);
      assert.deepEqual(
        seen.map(({ seenBefore }) => seenBefore),
        [false, true, false, false, false, false],
      );
      assert.equal((await loaded(subject)).account.marks, 4);
      assert.equal((await loaded(subject, { ...key, organization: 'globex' })).account.marks, 0);
      return seen;
    },
  },
  {
    name: 'a claim keeps others out until it ends by the database`s clock, and its owner may take it again',
    async run(subject) {
      await subject.create(accountOf());
      const { store } = subject;
      assert.equal(await store.claim(key, owners.anna, 10_000), true);
      assert.deepEqual((await subject.everything(key)).lease, { owner: owners.anna, until: beganAt + 10_000 });
      assert.equal(await store.claim(key, owners.ben, 10_000), false);
      await subject.pass(4_000);
      assert.equal(await store.claim(key, owners.anna, 10_000), true);
      await subject.pass(10_000);
      assert.equal(await store.claim(key, owners.ben, 5_000), false, 'it ends after its last moment, not at it');
      await subject.pass(1);
      assert.equal(await store.claim(key, owners.ben, 5_000), true);
      assert.deepEqual((await subject.everything(key)).lease, { owner: owners.ben, until: beganAt + 19_001 });
      await store.release(key, owners.anna);
      assert.equal(await store.claim(key, owners.anna, 5_000), false, 'somebody else`s release frees nothing');
      await store.release(key, owners.ben);
      assert.equal((await subject.everything(key)).lease, null);
      assert.equal(await store.claim(key, owners.anna, 5_000), true);
      return subject.everything(key);
    },
  },
  {
    name: 'a claim that a clock has left in the future, which was then put back, keeps nobody out',
    async run(subject) {
      await subject.create(accountOf({ dueAt: beganAt - 7_200_000 }));
      const { store } = subject;
      assert.equal(await store.claim(key, owners.anna, 15_000), true);
      await subject.pass(-30_000);
      assert.equal(await store.claim(key, owners.ben, 15_000), false, 'so little is waited for');
      assert.deepEqual(await store.claimDue(owners.ben, 10, 15_000), []);
      await subject.pass(-3_600_000);
      assert.deepEqual(await store.claimDue(owners.ben, 10, 15_000), [key]);
      await subject.pass(-3_600_000);
      assert.equal(await store.claim(key, owners.anna, 15_000), true);
      return subject.everything(key);
    },
  },
  {
    name: 'a commit takes the claim, keeps it or gives it back, and a claim moves no version',
    async run(subject) {
      await subject.create(accountOf());
      const seen: unknown[] = [];
      for (const lease of [
        { type: 'keep' },
        { type: 'take', owner: owners.anna, forMs: 15_000 },
        { type: 'keep' },
        { type: 'take', owner: owners.ben, forMs: 5_000 },
        { type: 'release' },
      ] as const) {
        await subject.pass(1_000);
        const before = await loaded(subject);
        assert.equal(await subject.store.commit(before, decisionOf(before, {}), lease), 'committed');
        seen.push((await subject.everything(key)).lease);
      }
      assert.deepEqual(seen, [
        null,
        { owner: owners.anna, until: beganAt + 17_000 },
        { owner: owners.anna, until: beganAt + 17_000 },
        { owner: owners.ben, until: beganAt + 9_000 },
        null,
      ]);
      await subject.store.claim(key, owners.anna, 1_000);
      assert.equal((await loaded(subject)).account.version, 6);
    },
  },
  {
    name: 'what is due and free is claimed, the longest overdue first, and no more than asked for',
    async run(subject) {
      const due: readonly (readonly [string, number | null])[] = [
        ['third', beganAt - 1_000],
        ['first', beganAt - 3_000],
        ['never', null],
        ['second', beganAt - 2_000],
        ['now', beganAt],
        ['later', beganAt + 1],
        ['taken', beganAt - 9_000],
      ];
      for (const [organization, dueAt] of due) await subject.create(accountOf({ organization, dueAt }));
      await subject.store.claim({ ...key, organization: 'taken' }, owners.ben, 60_000);
      assert.deepEqual(await subject.store.claimDue(owners.anna, 0, 10_000), []);
      const two = await subject.store.claimDue(owners.anna, 2, 10_000);
      assert.deepEqual(new Set(two.map(({ organization }) => organization)), new Set(['first', 'second']));
      const rest = await subject.store.claimDue(owners.ben, 10, 10_000);
      assert.deepEqual(new Set(rest.map(({ organization }) => organization)), new Set(['third', 'now']));
      assert.deepEqual(await subject.store.claimDue(owners.ben, 10, 10_000), []);
      await subject.pass(10_001);
      const again = await subject.store.claimDue(owners.ben, 10, 10_000);
      assert.equal(again.length, 5, 'the claims are over and `later` has come due');
      return Promise.all(due.map(([organization]) => subject.everything({ ...key, organization })));
    },
  },
  {
    name: 'what is committed with the row locked is there at the end, and was seen within',
    async run(subject) {
      await subject.create(accountOf());
      const said = await subject.store.locked(key, async (verbs) => {
        const before = await verbs.load(key, nothingNamed);
        assert.ok(before);
        assert.equal(await verbs.commit(before, decisionOf(before, { lookTries: 7 }), keep), 'committed');
        assert.equal(await verbs.commit(before, decisionOf(before, { lookTries: 8 }), keep), 'conflict');
        const within = await verbs.load(key, nothingNamed);
        assert.deepEqual([within?.account.version, within?.account.lookTries], [2, 7]);
        return 'said';
      });
      assert.equal(said, 'said');
      assert.equal((await loaded(subject)).account.lookTries, 7);
    },
  },
  {
    name: 'what throws with the row locked leaves nothing behind and comes out as it is, and the row is free again',
    async run(subject) {
      await subject.create(accountOf(), seated('anna', 'ben', 'cleo'));
      const written = await subject.everything(key);
      const problem = new Error('the work failed');
      await assert.rejects(
        subject.store.locked(key, async (verbs) => {
          const before = await verbs.load(key, nothingNamed);
          assert.ok(before);
          assert.equal(await verbs.commit(before, everyKind(before), keep), 'committed');
          throw problem;
        }),
        (error) => error === problem,
      );
      assert.deepEqual(await subject.everything(key), written);
      const before = await loaded(subject);
      await committed(subject, before, decisionOf(before, {}));
    },
  },
  {
    name: 'the trail goes on where it ended: sequence, hash and head follow, over the very text that is kept',
    async run(subject) {
      await subject.create(accountOf());
      for (const notes of [['one'], ['two', 'three "quoted" \\ back\\slash'], [], ['vier – fünf 🪑']]) {
        const before = await loaded(subject);
        await committed(subject, before, decisionOf(before, {}, { audit: notes.map((note) => entryOf(note)) }));
      }
      const { account, audit } = await subject.everything(key);
      let head = '';
      audit.forEach((entry, index) => {
        head = hashOf(head, entry.entry);
        assert.deepEqual([entry.sequence, entry.hash], [index + 1, head]);
      });
      assert.deepEqual(account.audit, { length: 4, head });
      return audit;
    },
  },
  {
    name: 'an incident is open until it is closed, and its alert is owed until somebody has delivered it',
    async run(subject) {
      await subject.create(accountOf());
      const before = await loaded(subject);
      const opened = [
        incidentOf('drift:1', { openedAt: beganAt + 1 }),
        incidentOf('doubt:1', { kind: 'in_doubt', push: id(50) }),
      ];
      await committed(subject, before, decisionOf(before, {}, { incidents: opened }));
      assert.deepEqual(new Set((await loaded(subject)).incidents), new Set(opened));
      assert.deepEqual(
        (await subject.unalerted(10)).map(({ incident }) => incident.id),
        ['doubt:1', 'drift:1'],
      );
      await subject.alerted(['doubt:1']);
      const told = await loaded(subject);
      const retold = incidentOf('drift:1', { openedAt: beganAt + 1, message: 'Stripe shows another quantity by now.' });
      await committed(subject, told, decisionOf(told, {}, { incidents: [retold] }));
      const again = await loaded(subject);
      assert.deepEqual(new Set(again.incidents), new Set([retold, opened[1]]));
      const closed = { ...retold, closedAt: beganAt + 8 };
      await committed(subject, again, decisionOf(again, {}, { incidents: [closed] }));
      assert.deepEqual(
        (await loaded(subject)).incidents.map((incident) => incident.id),
        ['doubt:1'],
      );
      return [await subject.everything(key), await subject.unalerted(10), await subject.unalerted(0)];
    },
  },
  {
    name: 'host events are taken in the order of their writing, once at a time, and come again until they are delivered',
    async run(subject) {
      await subject.create(accountOf());
      const write = async (...types: readonly ('seat.ready' | 'change.applied')[]) => {
        const before = await loaded(subject);
        const events = types.map((type) => ({ type, change: id(1), data: { seats: 3, holders: ['anna'] } }));
        await committed(subject, before, decisionOf(before, {}, { events }));
      };
      await write('seat.ready', 'change.applied');
      await write('seat.ready');
      const typesOf = (events: readonly { type: string }[]) => events.map(({ type }) => type);
      const all = await subject.takeHostEvents(null, 2, 1_000);
      assert.deepEqual(typesOf(all), ['seat.ready', 'change.applied']);
      assert.deepEqual(typesOf(await subject.takeHostEvents(null, 10, 1_000)), ['seat.ready'], 'the third is left');
      assert.deepEqual(await subject.takeHostEvents(null, 10, 1_000), []);
      await subject.delivered(all.slice(0, 1).map((event) => event.id));
      await subject.pass(1_000);
      assert.deepEqual(typesOf(await subject.takeHostEvents(['seat.ready'], 10, 1_000)), ['seat.ready']);
      await subject.pass(1_000);
      const later = await subject.takeHostEvents(null, 10, 1_000);
      assert.deepEqual(typesOf(later), ['change.applied'], 'a second try is put off for twice as long');
      return [...all, ...later].map(({ id: _generated, ...event }) => event);
    },
  },
  {
    name: 'a quote belongs to its organization and is good until it expires by the database`s clock',
    async run(subject) {
      const globex = { ...key, organization: 'globex' };
      await subject.create(accountOf());
      await subject.create(accountOf(globex));
      const quote = {
        id: id(80),
        seats: 12,
        seatCount: 10,
        settledSeats: 10,
        prorationDate: 1_799_000_000,
        amountDue: 123_456_789_012,
        total: -5,
        currency: 'eur',
        expiresAt: beganAt + 1_500,
        bound: 'what both sides showed',
        amounts: '{}',
      };
      await subject.storeQuote(key, quote);
      assert.deepEqual(await subject.readQuote(key, quote.id), quote);
      assert.equal(await subject.readQuote(globex, quote.id), null);
      assert.equal(await subject.readQuote(key, id(81)), null);
      await subject.pass(1_499);
      assert.deepEqual(await subject.readQuote(key, quote.id), quote);
      await subject.pass(1);
      assert.equal(await subject.readQuote(key, quote.id), null);
    },
  },
  {
    name: 'a pause of the whole installation comes with every load, and its end wakes who has something open',
    async run(subject) {
      const globex = { ...key, organization: 'globex' };
      await subject.create(accountOf());
      await subject.create(accountOf(globex));
      const initech = { ...key, organization: 'initech' };
      await subject.create(accountOf(initech));
      await subject.pauseInstallation('moving house');
      const before = await loaded(subject);
      assert.equal(before.installationPaused, 'moving house');
      // What waits for a date while nothing is written is due at no time that is known.
      const elsewhere = await loaded(subject, initech);
      const scheduled = changeOf(2, { status: 'scheduled', waitsUntil: beganAt + 86_400_000 });
      const parks = decisionOf(elsewhere, { changeCount: 1 }, { changes: [scheduled] });
      await committed(subject, elsewhere, { ...parks, state: { ...parks.state, waiting: [], parked: [scheduled] } });
      await committed(
        subject,
        before,
        decisionOf(before, { changeCount: 1, seatCount: 12 }, { changes: [changeOf(1)] }),
      );
      await subject.pass(5_000);
      await subject.pauseInstallation(null);
      const after = await loaded(subject);
      assert.deepEqual([after.installationPaused, after.account.dueAt], [null, beganAt + 5_000]);
      assert.equal((await loaded(subject, initech)).account.dueAt, beganAt + 5_000);
      assert.equal((await loaded(subject, globex)).account.dueAt, null);
    },
  },
  {
    name: 'what was decided before a pause of everything, or in it, is turned down after its beginning, or its end',
    async run(subject) {
      await subject.create(accountOf(), seated('anna', 'ben', 'cleo'));
      const before = await loaded(subject);
      await subject.pauseInstallation('moving house');
      const written = await subject.everything(key);
      assert.equal(await subject.store.commit(before, everyKind(before), keep), 'conflict');
      assert.deepEqual(await subject.everything(key), written);
      const knowing = await loaded(subject);
      await committed(subject, knowing, decisionOf(knowing, { lookTries: 1 }));
      const during = await loaded(subject);
      await subject.pauseInstallation(null);
      const open = await subject.everything(key);
      assert.equal(await subject.store.commit(during, everyKind(during), keep), 'conflict');
      assert.deepEqual(await subject.everything(key), open);
      const after = await loaded(subject);
      await committed(subject, after, decisionOf(after, { lookTries: 2 }));
      return subject.everything(key);
    },
  },
  {
    name: 'names and texts of any characters come back as they were',
    async run(subject) {
      const odd = [
        `o'brien`,
        'say "hi"',
        'back\\slash',
        '{curly,comma}',
        'ümlaut 🪑',
        'tab\tnew\nline',
        '%_',
        'null',
        '$1',
      ];
      await subject.create(accountOf({ organization: odd[0] ?? '' }), seated(...odd));
      const of = { ...key, organization: odd[0] ?? '' };
      const before = await loaded(subject, of, { keys: [], holders: odd });
      assert.deepEqual([...before.holders.keys()].toSorted(), odd.toSorted());
      const changes = odd.map((text, index) =>
        changeOf(index + 1, {
          idempotencyKey: text,
          actor: text,
          reason: text,
          fingerprint: text,
          holders: [text],
          takes: 1,
        }),
      );
      const gone = odd.slice(0, 4);
      await committed(
        subject,
        before,
        decisionOf(
          before,
          { changeCount: odd.length, seatCount: 12, pausedReason: odd.join() },
          {
            changes,
            holders: new Map(gone.map((name) => [name, null])),
            audit: odd.map((text) => entryOf(text, { actor: text, reason: text })),
            events: odd.map((text) => ({ type: 'seat.released', change: null, data: { holders: [text], why: text } })),
          },
        ),
      );
      const after = await loaded(subject, of, { keys: odd, holders: odd });
      assert.deepEqual(after.waiting, changes);
      assert.deepEqual(new Map(after.keys), new Map(changes.map((change) => [change.idempotencyKey, change])));
      assert.deepEqual([...after.holders.keys()].toSorted(), odd.slice(4).toSorted());
      assert.equal(after.account.pausedReason, odd.join());
      return subject.everything(of);
    },
  },
  {
    name: 'the largest numbers and the smallest times come back as they were',
    async run(subject) {
      await subject.create(
        accountOf({ settledSeats: 1_000_000, seatCount: 1_000_000, assigned: 1_000_000, anonymousAssigned: 0 }),
      );
      const before = await loaded(subject);
      const change = changeOf(1, {
        setSeats: 1_000_000,
        quantity: 1_000_000,
        delta: -1_000_000,
        prorationDate: 4_102_444_800,
        requestedAt: beganAt + 7,
      });
      const push = pushOf(50, {
        target: { seats: 1_000_000, quantity: 4_000_000_000 },
        intendedAt: beganAt + 999,
        payment: { invoice: 'in_1', url: 'https://pay.example/?a=1&b=%20', expiresAt: beganAt + 1 },
        doubt: { since: beganAt + 3, reason: 'timeout' },
      });
      await committed(
        subject,
        before,
        decisionOf(
          before,
          { changeCount: 1, push, dueAt: beganAt + 1, nextLookAt: beganAt + 333, lookedAt: beganAt - 999 },
          { changes: [change], pushesOpened: [push] },
        ),
      );
      const after = await loaded(subject);
      assert.deepEqual(after.waiting, [change]);
      assert.deepEqual(after.account.push, push);
      assert.deepEqual(
        [after.account.dueAt, after.account.nextLookAt, after.account.lookedAt],
        [beganAt + 1, beganAt + 333, beganAt - 999],
      );
      return subject.everything(key);
    },
  },
  {
    name: 'the views say what the account says, for the host`s own queries',
    async run(subject) {
      await subject.create(accountOf(), seated('anna', 'ben', 'cleo'));
      const before = await loaded(subject);
      await committed(subject, before, everyKind(before));
      const views = await subject.views(key.organization);
      assert.deepEqual(views.seats, {
        organization_id: 'acme',
        seat_count: 12,
        settled_seats: 10,
        used_seats: 4,
        subscription_id: 'sub_acme',
        subscription_item_id: 'si_acme',
        push_state: 'intended',
      });
      assert.deepEqual(
        views.holders.map(({ holder, state }) => [holder, state]),
        [
          ['anna', 'assigned'],
          ['cleo', 'assigned'],
          ['dora', 'reserved'],
        ],
      );
      assert.deepEqual(await subject.views('nobody'), { seats: null, holders: [] });
      return views;
    },
  },
  {
    name: 'the end of a push is kept beside its beginning',
    async run(subject) {
      await subject.create(accountOf());
      const push = pushOf(50);
      const first = await loaded(subject);
      await committed(subject, first, decisionOf(first, { seatCount: 12, push }, { pushesOpened: [push] }));
      const second = await loaded(subject);
      const next = pushOf(51);
      const ended = {
        push: { ...push, generation: 2 },
        outcome: 'rolled_back',
        code: 'timeout',
        message: 'Nobody answered.',
        requestId: 'req_1',
        endedAt: beganAt + 44,
      } as const;
      await committed(
        subject,
        second,
        decisionOf(second, { push: next }, { pushesEnded: [ended], pushesOpened: [next] }),
      );
      const { pushes } = await subject.everything(key);
      assert.deepEqual(
        pushes.map((row) => [row.generation, row.end?.outcome ?? null]),
        [
          [2, 'rolled_back'],
          [1, null],
        ],
      );
      return pushes;
    },
  },
];
