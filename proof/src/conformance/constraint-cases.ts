/** What no store takes, whoever asks: by the names that the schema gives its constraints, and with nothing written. */
import assert from 'node:assert/strict';
import type { Account, Records, State } from '../../../packages/engine/src/core/types.ts';
import { DatabaseError } from '../../../packages/engine/src/db/executor.ts';
import { type Case, loaded } from './cases.ts';
import {
  accountOf,
  applied,
  beganAt,
  changeOf,
  decisionOf,
  id,
  incidentOf,
  keep,
  key,
  pushOf,
  seated,
} from './decisions.ts';

interface Forbidden {
  readonly name: string;
  /** The constraint; null where the statement itself is refused. */
  readonly constraint: string | null;
  /** What stands there already. */
  readonly before?: { readonly account?: Partial<Account>; readonly records?: Partial<Records> };
  readonly account?: Partial<Account>;
  readonly records?: Partial<Records>;
}

const waiting = { changeCount: 1, seatCount: 12 };
const ended = applied(changeOf(1));
const endedPush = (over: { readonly code?: string } = {}) => ({
  push: pushOf(50),
  outcome: 'confirmed' as const,
  code: over.code ?? null,
  message: null,
  requestId: null,
  endedAt: beganAt + 5,
});

const forbidden: readonly Forbidden[] = [
  { name: 'two numbers at rest that are not one', constraint: 'accounts_settled_at_rest', account: { seatCount: 11 } },
  {
    name: 'held without a reason',
    constraint: 'accounts_held_says_why',
    account: { status: 'held' },
  },
  {
    name: 'a reason for being held on an account that is not',
    constraint: 'accounts_held_says_why',
    account: { hold: { since: beganAt, code: 'drift', observedQuantity: 3, cause: null, message: 'Somebody.' } },
  },
  {
    name: 'more anonymous seats than assigned ones',
    constraint: 'accounts_used_not_negative',
    account: { anonymousAssigned: 5 },
  },
  { name: 'anonymous seats below none', constraint: 'accounts_used_not_negative', account: { anonymousReserved: -1 } },
  {
    name: 'a negative seat count',
    constraint: 'accounts_seat_count_check',
    account: { seatCount: -1 },
    records: { changes: [changeOf(1)] },
  },
  {
    name: 'a seat count over a million',
    constraint: 'accounts_seat_count_check',
    account: { seatCount: 1_000_001 },
    records: { changes: [changeOf(1)] },
  },
  {
    name: 'negative settled seats',
    constraint: 'accounts_settled_seats_check',
    account: { settledSeats: -1 },
    records: { changes: [changeOf(1)] },
  },
  {
    name: 'a second number of the same value',
    constraint: 'seat_changes_number',
    before: { account: waiting, records: { changes: [changeOf(1)] } },
    records: { changes: [changeOf(1, { id: id(2) })] },
  },
  {
    name: 'a second change under one idempotency key',
    constraint: 'seat_changes_idempotency_key',
    before: { account: waiting, records: { changes: [changeOf(1, { idempotencyKey: 'order 1' })] } },
    records: { changes: [changeOf(2, { idempotencyKey: 'order 1' })] },
  },
  {
    name: 'an applied change without an end',
    constraint: 'seat_changes_end_once',
    account: waiting,
    records: { changes: [changeOf(1, { status: 'applied' })] },
  },
  {
    name: 'an open change with an end',
    constraint: 'seat_changes_end_once',
    account: { changeCount: 1 },
    records: { changes: [changeOf(1, { endedAt: beganAt })] },
  },
  {
    name: 'a second end of a change',
    constraint: 'seat_changes_end_once',
    before: { account: { changeCount: 1 }, records: { changes: [ended] } },
    records: { changes: [{ ...ended, status: 'rolled_back', code: 'card_declined', endedAt: beganAt + 900 }] },
  },
  {
    name: 'an ended change that waits again',
    constraint: 'seat_changes_end_once',
    before: { account: { changeCount: 1 }, records: { changes: [ended] } },
    account: waiting,
    records: { changes: [changeOf(1)] },
  },
  {
    name: 'a rolled back change that does not say why',
    constraint: 'seat_changes_rolled_back_says_why',
    account: { changeCount: 1 },
    records: { changes: [{ ...ended, status: 'rolled_back' }] },
  },
  {
    name: 'an open change that was refused for its payment',
    constraint: 'seat_changes_payment_is_an_end',
    account: waiting,
    records: { changes: [changeOf(1, { payment: true })] },
  },
  {
    name: 'an ended change that still takes seats',
    constraint: 'seat_changes_take_nothing_at_end',
    account: { changeCount: 1 },
    records: { changes: [{ ...ended, takes: 1 }] },
  },
  {
    name: 'a change that takes less than nothing',
    constraint: 'seat_changes_takes_check',
    account: waiting,
    records: { changes: [changeOf(1, { takes: -1 })] },
  },
  {
    name: 'an assigned seat that hangs on a change',
    constraint: 'seats_hanging_are_reserved',
    records: { holders: new Map([['anna', { holder: 'anna', state: 'assigned', change: id(1) }]]) },
  },
  {
    name: 'a second open push on one subscription',
    constraint: 'pushes_one_open',
    before: { account: { seatCount: 12, push: pushOf(50) }, records: { pushesOpened: [pushOf(50)] } },
    account: { push: pushOf(51) },
    records: { pushesOpened: [pushOf(51)] },
  },
  {
    name: 'two writes of one change',
    constraint: null,
    account: waiting,
    records: { changes: [changeOf(1), changeOf(1, { alone: true })] },
  },
  {
    name: 'two writes of one incident',
    constraint: null,
    records: { incidents: [incidentOf('drift:1'), incidentOf('drift:1', { closedAt: beganAt })] },
  },
  {
    name: 'the beginning and the end of one push in one commit',
    constraint: null,
    account: { seatCount: 12, push: pushOf(50) },
    records: { pushesOpened: [pushOf(50)], pushesEnded: [endedPush()] },
  },
];

export const constraintCases: readonly Case[] = [
  ...forbidden.map(
    (one): Case => ({
      name: `no store takes ${one.name}${one.constraint === null ? '' : ` (${one.constraint})`}`,
      async run(subject) {
        await subject.create(accountOf(), seated('anna', 'ben', 'cleo'));
        if (one.before) {
          const first = await loaded(subject);
          const decision = decisionOf(first, one.before.account ?? {}, one.before.records);
          assert.equal(await subject.store.commit(first, decision, keep), 'committed');
        }
        const before: State = await loaded(subject);
        const written = await subject.everything(key);
        const decision = decisionOf(before, one.account ?? {}, one.records);
        await assert.rejects(subject.store.commit(before, decision, keep), (error) => {
          assert.ok(error instanceof DatabaseError, String(error));
          assert.deepEqual(
            [error.failure.kind, error.failure.constraint],
            one.constraint === null ? ['rejected', null] : ['constraint', one.constraint],
          );
          return true;
        });
        assert.deepEqual(await subject.everything(key), written, 'something was written all the same');
        return written;
      },
    }),
  ),
  {
    name: 'no store takes a second account on the same item of a subscription (accounts_item)',
    async run(subject) {
      const globex = { ...key, organization: 'globex' };
      await subject.create(accountOf());
      await subject.create(accountOf({ ...globex, link: null }));
      const before = await loaded(subject, globex);
      const decision = decisionOf(before, { link: accountOf().link });
      await assert.rejects(
        subject.store.commit(before, decision, keep),
        (error) => error instanceof DatabaseError && error.failure.constraint === 'accounts_item',
      );
      assert.equal((await loaded(subject, globex)).account.link, null);
    },
  },
  {
    name: 'a push that has ended is not ended again: what is written stays',
    async run(subject) {
      await subject.create(accountOf());
      const first = await loaded(subject);
      const opened = decisionOf(first, { seatCount: 12, push: pushOf(50) }, { pushesOpened: [pushOf(50)] });
      assert.equal(await subject.store.commit(first, opened, keep), 'committed');
      const second = await loaded(subject);
      const over = decisionOf(second, { settledSeats: 12, push: null }, { pushesEnded: [endedPush()] });
      assert.equal(await subject.store.commit(second, over, keep), 'committed');
      const before = await loaded(subject);
      const again = decisionOf(before, {}, { pushesEnded: [endedPush({ code: 'again' })] });
      await subject.store.commit(before, again, keep).catch((error: unknown) => {
        assert.ok(error instanceof DatabaseError, String(error));
      });
      const { pushes } = await subject.everything(key);
      assert.deepEqual(
        pushes.map(({ end }) => end?.code ?? null),
        [null],
      );
    },
  },
];
