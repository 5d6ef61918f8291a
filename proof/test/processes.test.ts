/**
 * A short run with real processes, and breaks planted into what it leaves, each of which the independent checker has to
 * find: in the database, at Stripe, in the trail, and in what clients were told.
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import pg from 'pg';
import { policy } from '../../packages/engine/src/core/policy.ts';
import { collect } from '../src/processes/checker/collect.ts';
import type { Attempt, Evidence, Finding, Heard, Story } from '../src/processes/checker/evidence.ts';
import { judge } from '../src/processes/checker/judge.ts';
import type { Ended } from '../src/processes/end.ts';
import type { Place } from '../src/processes/place/place.ts';
import { promised, tickMs, ticksToSettle } from '../src/processes/place/times.ts';
import { type KillingResult, runKilling } from '../src/processes/run-killing.ts';

test('what the engine waits for by itself fits into the ticks within which it promises to settle', () => {
  const { replayDelaysMs, backOffDelaysMs, lookDelaysMs, stripeTimeoutMs } = policy;
  const longest = Math.max(...replayDelaysMs, ...backOffDelaysMs, ...lookDelaysMs);
  // The wait, a call that takes all of its time, and the poll that comes last.
  assert.ok(longest + stripeTimeoutMs + promised.pollMs < ticksToSettle * tickMs());
});

/** Breaks made where the data lives, each on an organization of its own, with the guarantees one of which must be named. */
interface Planted {
  readonly what: string;
  readonly finds: readonly string[];
  readonly plant: (client: pg.Client, organization: string, place: Place) => Promise<void>;
}

const withoutTriggers = async (client: pg.Client, table: string, statement: string, values: unknown[]) => {
  await client.query(`alter table seatbelt.${table} disable trigger all`);
  const { rowCount } = await client.query(statement, values);
  await client.query(`alter table seatbelt.${table} enable trigger all`);
  assert.ok(rowCount !== null && rowCount > 0, `nothing was broken by: ${statement}`);
};

const planted: readonly Planted[] = [
  {
    what: 'the quantity at Stripe is another one',
    finds: ['G1', 'G5'],
    plant: async (_, organization, place) => {
      const found = place.organizations.find(({ id }) => id === organization);
      assert.ok(found);
      const { subscription, item } = found;
      await place.simulator.controls.admin.foreignQuantityChange({ subscription, item, quantity: 77, by: 'dashboard' });
    },
  },
  {
    what: 'the seats in the database are another number',
    finds: ['G5'],
    plant: async (client, organization) => {
      await client.query(
        'update seatbelt.accounts set seat_count = seat_count + 1, settled_seats = settled_seats + 1 where organization_id = $1',
        [organization],
      );
    },
  },
  {
    what: 'a seat in use is forgotten',
    finds: ['G6'],
    plant: async (client, organization) => {
      await client.query(
        'update seatbelt.accounts set assigned_seats = assigned_seats - 1, anonymous_assigned = anonymous_assigned - 1 where organization_id = $1',
        [organization],
      );
    },
  },
  {
    what: 'a reservation is left over',
    finds: ['G2'],
    plant: async (client, organization) => {
      await client.query(
        "insert into seatbelt.seats (organization_id, seat_type, holder, state) values ($1, 'seat', 'nobody', 'reserved')",
        [organization],
      );
    },
  },
  {
    what: 'more seats are in use than are confirmed',
    finds: ['G8'],
    plant: async (client, organization) => {
      await client.query(
        'update seatbelt.accounts set assigned_seats = settled_seats + 1, anonymous_assigned = settled_seats + 1 where organization_id = $1',
        [organization],
      );
    },
  },
  {
    what: 'a change has vanished',
    finds: ['G6'],
    plant: (client, organization) =>
      withoutTriggers(
        client,
        'seat_changes',
        'delete from seatbelt.seat_changes where id = (select id from seatbelt.seat_changes where organization_id = $1 limit 1)',
        [organization],
      ),
  },
  {
    what: 'an applied change is shown as rolled back',
    finds: ['G4', 'G9'],
    plant: (client, organization) =>
      withoutTriggers(
        client,
        'seat_changes',
        `update seatbelt.seat_changes set status = 'rolled_back', code = 'planted'
          where id = (select id from seatbelt.seat_changes where organization_id = $1 and status = 'applied' limit 1)`,
        [organization],
      ),
  },
  {
    what: 'one key became two changes',
    finds: ['G7'],
    plant: (client, organization) =>
      withoutTriggers(
        client,
        'seat_changes',
        `insert into seatbelt.seat_changes
         select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'number', 1000000, 'idempotency_key', null))).*
           from seatbelt.seat_changes c where organization_id = $1 limit 1`,
        [organization],
      ),
  },
  {
    what: 'the end of the trail is cut off',
    finds: ['G9'],
    plant: (client, organization) =>
      withoutTriggers(
        client,
        'audit',
        'delete from seatbelt.audit where organization_id = $1 and sequence = (select max(sequence) from seatbelt.audit where organization_id = $1)',
        [organization],
      ),
  },
  {
    what: 'one character of the trail is another one',
    finds: ['G9'],
    plant: (client, organization) =>
      withoutTriggers(
        client,
        'audit',
        `update seatbelt.audit set entry = replace(entry, '"actor":"', '"actor":"x') where organization_id = $1 and sequence = 1`,
        [organization],
      ),
  },
];

describe('real processes', () => {
  let result: KillingResult;
  let afterBreaks: readonly Finding[] = [];
  const brokenAt = new Map<string, string>();

  before(async () => {
    result = await runKilling({
      seed: 11,
      kills: 12,
      freezes: 1,
      stripeRestarts: 1,
      organizations: 24,
      foreign: 1,
      leaseMs: 3_000,
      until: null,
      signal: new AbortController().signal,
      progress: () => undefined,
      visit: async (place, ended) => {
        afterBreaks = await breakEverything(place, ended, brokenAt);
      },
    });
  });

  test('killed, frozen and cut off, both sides come to rest equal, and nobody was told anything untrue', () => {
    assert.deepEqual(result.findings, []);
    assert.ok(result.settledMs !== null, 'settled in time');
    assert.equal(result.kills, 12);
    assert.equal(result.freezes, 1);
    assert.ok(result.evidence.stories.length > 30, 'there was a load');
    assert.ok(result.evidence.events.length > 10, 'Stripe was written to');
  });

  for (const { what, finds } of planted) {
    test(`the checker finds it when ${what}`, () => {
      const organization = brokenAt.get(what);
      const found = afterBreaks.filter((finding) => finding.organization === organization);
      assert.ok(
        finds.some((guarantee) => found.some((finding) => finding.guarantee === guarantee)),
        `${organization}: ${JSON.stringify(found)}`,
      );
    });
  }

  for (const { what, finds, evidence } of lies()) {
    test(`the checker finds it when ${what}`, () => {
      const found = judge(evidence(result.evidence));
      assert.ok(
        found.some(({ guarantee }) => guarantee === finds),
        JSON.stringify(found),
      );
    });
  }
});

/** Every break on an organization that has something to break, then one reading of both sides for all of them. */
async function breakEverything(place: Place, ended: Ended, brokenAt: Map<string, string>): Promise<Finding[]> {
  const client = new pg.Client({ connectionString: place.databaseUrl });
  await client.connect();
  try {
    const busy = place.organizations.filter(
      ({ id, foreign, terms }) =>
        !foreign &&
        // One seat more is one more to bill.
        terms.minimumQuantity === 0 &&
        terms.includedSeats === 0 &&
        ended.evidence.changes.get(id)?.some(({ status }) => status === 'applied'),
    );
    for (const [index, { what, plant }] of planted.entries()) {
      const organization = busy[index];
      assert.ok(organization, 'there are enough organizations with something to break');
      await plant(client, organization.id, place);
      brokenAt.set(what, organization.id);
    }
  } finally {
    await client.end();
  }
  return judge({ ...ended.evidence, ...(await collect(place)) });
}

/** Untrue words and missing ends, put into what the run really left. */
function lies(): { what: string; finds: string; evidence: (real: Evidence) => Evidence }[] {
  const hearing = (real: Evidence, find: (story: Story) => boolean, heard: (story: Story) => Heard): Evidence => {
    const liedTo = real.stories.find(find);
    assert.ok(liedTo, 'somebody to lie to');
    const attempt: Attempt = { pid: null, sentAt: Date.now(), heardAt: Date.now(), heard: heard(liedTo) };
    const attempts = [attempt];
    return {
      ...real,
      stories: real.stories.map((story) => (story === liedTo ? { ...story, attempts, afterwards: [] } : story)),
    };
  };
  const toldOf = (story: Story) => story.attempts.flatMap(({ heard }) => (heard.is === 'change' ? [heard] : [])).at(-1);
  const applied = (story: Story) => toldOf(story)?.status === 'applied';
  const idOf = (story: Story) => toldOf(story)?.change ?? '';
  const change = (status: string, id: string): Heard => ({
    is: 'change',
    status,
    success: status === 'applied' ? true : status === 'rolled_back' ? false : null,
    change: id,
    http: 200,
  });
  const nobody = '00000000-0000-4000-8000-000000000000';
  return [
    {
      what: 'a client was told of a change that is not there',
      finds: 'G6',
      evidence: (real) => hearing(real, applied, () => change('applied', nobody)),
    },
    {
      what: 'a client was told that an applied change was rolled back',
      finds: 'G4',
      evidence: (real) => hearing(real, applied, (story) => change('rolled_back', idOf(story))),
    },
    {
      what: 'a client was told that nothing was written, and it was',
      finds: 'G4',
      evidence: (real) =>
        hearing(real, applied, () => ({ is: 'nothing_written', code: 'database_unavailable', http: 503 })),
    },
    {
      what: 'an unknown was dressed up as a 500',
      finds: 'G4',
      evidence: (real) => hearing(real, applied, () => ({ is: 'nonsense', http: 500, text: 'Internal Server Error' })),
    },
    {
      what: 'a client was told "applied" before it was',
      finds: 'G4',
      evidence: (real) => {
        const told = hearing(real, applied, (story) => change('applied', idOf(story)));
        const early = (story: Story) =>
          story.attempts.map((attempt) => ({ ...attempt, heardAt: real.quietAt - 86_400_000 }));
        return { ...told, stories: told.stories.map((story) => ({ ...story, attempts: early(story) })) };
      },
    },
    {
      what: 'a key was answered with the change of somebody else',
      finds: 'G7',
      evidence: (real) => {
        const others = (story: Story) =>
          real.stories.filter(
            (other) => other !== story && other.organization === story.organization && applied(other),
          );
        return hearing(
          real,
          (story) => applied(story) && others(story).length > 0,
          (story) => change('applied', others(story).map(idOf)[0] ?? nobody),
        );
      },
    },
    {
      what: 'Stripe was written to without an intent',
      finds: 'G1',
      evidence: (real) => {
        const [event] = real.events;
        assert.ok(event);
        return { ...real, events: [{ ...event, key: `seatbelt:${nobody}:1` }] };
      },
    },
    {
      what: 'one key was carried out twice',
      finds: 'G5',
      evidence: (real) => ({ ...real, events: [...real.events, ...real.events] }),
    },
    {
      what: 'the intent of a write came after it',
      finds: 'G1',
      evidence: (real) => ({
        ...real,
        events: real.events.map((event) => ({ ...event, created: event.created - 60 })),
      }),
    },
    { what: 'something never came to rest', finds: 'G11', evidence: (real) => ({ ...real, restedAt: null }) },
    {
      what: 'one account was open when the time was over',
      finds: 'G11',
      evidence: (real) => ({ ...real, restless: [{ organization: 'org_0001', pushState: 'in_doubt' }] }),
    },
    {
      what: 'a push is still open at the end',
      finds: 'G11',
      evidence: (real) => ({ ...real, rows: real.rows.map((row) => ({ ...row, pushState: 'in_doubt' })) }),
    },
    {
      what: 'a seat was assigned that nobody had confirmed',
      finds: 'G8',
      evidence: (real) => {
        const organization = real.organizations.find(({ foreign }) => !foreign)?.id ?? '';
        const peek = { at: real.quietAt, organization, assigned: 9, used: 9, settled: 8, purchased: 9 };
        return { ...real, peeks: [peek] };
      },
    },
    {
      what: 'somebody was held and nobody was alerted of it',
      finds: 'G3',
      evidence: (real) => {
        const incident = { id: 'unheard', kind: 'in_doubt', action: 'act' };
        const screens = [...real.screens].map(([id, screen]) => [id, { ...screen, incidents: [incident] }] as const);
        return { ...real, screens: new Map(screens) };
      },
    },
    {
      what: 'a change made elsewhere stayed unfound',
      finds: 'G10',
      evidence: (real) => ({
        ...real,
        screens: new Map([...real.screens].map(([id, screen]) => [id, { ...screen, status: 'active' }])),
        subscriptions: real.subscriptions.map((subscription) => ({
          ...subscription,
          items: subscription.items.map((item) => ({ ...item, quantity: 999 })),
        })),
      }),
    },
  ];
}
