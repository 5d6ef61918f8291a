import { randomUUID } from 'node:crypto';
import { DBOS } from '@dbos-inc/dbos-sdk';
import pg from 'pg';
import { type BenchServer, benchServer } from './lib/bench-server.ts';
import { median, percentile, round } from './lib/figures.ts';
import { changeOnce, engineWithoutStripe, ground } from './lib/ground.ts';

const clients = 16;
/** Organizations of both; one change after another in each. */
const organizations = 1_008;

interface Change {
  readonly id: string;
  readonly organization: string;
  readonly seats: number;
}

/**
 * The same steps as a durable workflow: write intent and count, call Stripe, write the outcome. DBOS checkpoints each of
 * them in the same PostgreSQL. It writes no audit trail, no push and no event, and it does not put an organization's
 * changes in order; those would be the program's own business.
 */
export async function dbos(
  size: { readonly server: BenchServer; readonly rounds: number; readonly changes: number; readonly seconds: number },
  tell: (sentence: string) => void,
) {
  await using place = await ground(organizations, size.server);
  const advancer = engineWithoutStripe(place.database);
  const server = await benchServer(size.server);
  const pool = new pg.Pool({ connectionString: server.url, max: 20 });
  pool.on('error', () => undefined);
  await pool.query(`
    create table organizations (id text primary key, seat_count integer not null, settled_seats integer not null);
    create table seat_changes (id uuid primary key, organization_id text not null references organizations,
      seats integer not null, status text not null, requested_at timestamptz not null default now(), ended_at timestamptz)`);
  await pool.query(
    `insert into organizations select 'org_' || n, 10, 10 from generate_series(0, $1::integer - 1) as n`,
    [organizations],
  );
  const change = workflowOn(pool);
  DBOS.setConfig({ name: 'seatbelt-bench', systemDatabaseUrl: server.url, logLevel: 'error' });
  await DBOS.launch();
  try {
    const programs = {
      seatbelt: (turn: number) =>
        changeOnce(
          advancer,
          place.keys[turn % organizations] ?? { organization: 'org_0', seatType: 'seat' },
          seatsAt(turn),
        ),
      dbos: (turn: number) =>
        change({ id: randomUUID(), organization: `org_${turn % organizations}`, seats: seatsAt(turn) }),
    };
    const alone = { seatbelt: [] as number[], dbos: [] as number[] };
    const together = { seatbelt: [] as number[], dbos: [] as number[] };
    // One round more: the first warms plans and the JIT, and is not counted.
    for (let index = 0; index <= size.rounds; index += 1) {
      tell(index === 0 ? 'dbos: warming up' : `dbos: round ${index} of ${size.rounds}`);
      const order = ['seatbelt', 'dbos'] as const;
      for (const name of index % 2 === 0 ? order : order.toReversed()) {
        const p50 = await oneAfterAnother(programs[name], size.changes);
        const rate = await manyAtOnce(programs[name], size.seconds);
        await place.forgetQuotas();
        if (index === 0) continue;
        alone[name].push(p50);
        together[name].push(rate);
      }
    }
    await place.nothingIsOpen();
    const ratios = (values: typeof alone) =>
      values.seatbelt.map((ours, nth) => ours / (values.dbos[nth] ?? Number.NaN));
    return {
      ...size,
      clients,
      seatbeltP50Ms: round(median(alone.seatbelt)),
      dbosP50Ms: round(median(alone.dbos)),
      timeRatio: round(median(ratios(alone))),
      seatbeltPerSecond: round(median(together.seatbelt), 0),
      dbosPerSecond: round(median(together.dbos), 0),
      rateRatio: round(median(ratios(together))),
    };
  } finally {
    await DBOS.shutdown();
    await pool.end();
    await server.remove();
  }
}

/** DBOS registers workflows for the whole process; a second measurement in it takes the same one with its own pool. */
let registered: ((change: Change) => Promise<void>) | null = null;
let present: pg.Pool | null = null;

function workflowOn(pool: pg.Pool): (change: Change) => Promise<void> {
  present = pool;
  registered ??= DBOS.registerWorkflow(
    async (change: Change) => {
      await DBOS.runStep(() => writeIntent(change), { name: 'intent' });
      // A Stripe that says yes in no time, as for the engine beside it.
      await DBOS.runStep(() => Promise.resolve({ quantity: change.seats }), { name: 'stripe' });
      await DBOS.runStep(() => writeOutcome(change), { name: 'outcome' });
    },
    { name: 'changeSeats' },
  );
  return registered;
}

async function writeIntent({ id, organization, seats }: Change): Promise<void> {
  await present?.query(
    `with change as (insert into seat_changes (id, organization_id, seats, status) values ($1, $2, $3, 'requested'))
     update organizations set seat_count = $3 where id = $2`,
    [id, organization, seats],
  );
}

async function writeOutcome({ id, organization, seats }: Change): Promise<void> {
  await present?.query(
    `with change as (update seat_changes set status = 'applied', ended_at = now() where id = $1)
     update organizations set settled_seats = $3 where id = $2`,
    [id, organization, seats],
  );
}

function seatsAt(turn: number): number {
  return 20 + (Math.floor(turn / organizations) % 2);
}

let turn = 0;

async function oneAfterAnother(change: (turn: number) => Promise<void>, times: number): Promise<number> {
  const taken: number[] = [];
  for (let nth = 0; nth < times; nth += 1) {
    turn += 1;
    const began = performance.now();
    await change(turn);
    taken.push(performance.now() - began);
  }
  return percentile(taken, 0.5);
}

async function manyAtOnce(change: (turn: number) => Promise<void>, seconds: number): Promise<number> {
  const began = performance.now();
  const until = began + seconds * 1_000;
  let done = 0;
  await Promise.all(
    Array.from({ length: clients }, async () => {
      while (performance.now() < until) {
        turn += 1;
        await change(turn);
        done += 1;
      }
    }),
  );
  return done / ((performance.now() - began) / 1_000);
}
