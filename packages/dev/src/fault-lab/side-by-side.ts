import { startStripeSim } from '@seatbelt/stripe-sim';
import type pg from 'pg';
import { createSeatbelt, migrate } from 'seatbelt';
import type { Told } from '../../../../bench/src/usual/programs.ts';
import { type Answer, startServers } from '../../../../bench/src/usual/servers.ts';
import { schema } from '../../../../bench/src/usual-version/schema.ts';
import { stripeClient } from '../supervisor/stripe-client.ts';
import { poolThatMayBeCut } from '../test-database.ts';
import type { LabSide, Tell } from './events.ts';
import { labDatabase } from './lab-database.ts';
import { type LabCustomer, WatchedSides } from './watched-sides.ts';

/** Everybody sits, so that each invite has to buy a seat. */
const startingSeats = 10;
/** How long Seatbelt lets a caller wait before it says "not known yet". The usual version waits for Stripe's library. */
const waitMs = 3_000;
/** A lease of a server that died ends after 15 s, and the worker looks every 2 s; the rest is for a busy machine. */
const healsWithinMs = 60_000;
const takesUpHint = 'The worker takes it up as soon as the hold of the dead server has ended, after 15 s at most.';
/** Stripe's library sends three times by itself: once, and twice again under the same key. */
const sendsOfTheLibrary = 3;

const sides = ['usual', 'seatbelt'] as const;

/**
 * The same bad day for two programs: a person is invited and the server is killed on the way to Stripe; another person
 * is invited, Stripe does it, and its answer is lost. Both programs are server processes of their own, on one real
 * PostgreSQL and one simulated Stripe; nothing here is told that was not read from them.
 *
 * @returns whether everything that had to be so was so
 */
export async function tellSideBySide(productUrl: string, tell: Tell): Promise<boolean> {
  tell({ is: 'preparing', text: 'Making a database, a simulated Stripe, and one server process for each version.' });
  await using stack = new AsyncDisposableStack();
  const database = await labDatabase(productUrl);
  stack.defer(() => database.remove());
  const sim = await startStripeSim();
  stack.defer(() => sim.close());
  const pool = poolThatMayBeCut(database.url, 4);
  stack.defer(() => pool.end());

  await migrate(database.url);
  await pool.query(schema);
  const unitCents: number[] = [];
  const customer = (side: LabSide): LabCustomer => {
    const { subscription, item, price } = sim.admin.createDemoSubscription({ quantity: startingSeats });
    unitCents.push(price.unit_amount ?? 0);
    return { organization: `org_${side}`, subscription: subscription.id, item: item.id };
  };
  const customers = { usual: customer('usual'), seatbelt: customer('seatbelt') };
  await giveToUsual(pool, customers.usual);

  // The environment of the program that the measurements start; a database belongs to one environment.
  const stripe = stripeClient({ secretKey: 'sk_test_bench', apiBase: sim.url, webhookSecret: null });
  const seatbelt = createSeatbelt({ db: database.url, stripe, environment: 'bench' });
  stack.defer(() => seatbelt.close());
  await seatbelt.link(customers.seatbelt.organization, {
    subscription: customers.seatbelt.subscription,
    used: startingSeats,
  });
  // The worker runs here, in another process than the server that will be killed, as `seatbelt worker` does.
  seatbelt.startWorker();

  const start = (name: 'usual, row locked' | 'Seatbelt') =>
    startServers({ name, databaseUrl: database.url, stripePort: sim.port, waitMs }, 1);
  const servers = await Promise.all([start('usual, row locked'), start('Seatbelt')]);
  const server = { usual: servers[0], seatbelt: servers[1] };
  stack.defer(async () => {
    await Promise.all(servers.map((each) => each.close()));
  });

  const watch = new WatchedSides({ pool, sim, seatbelt, customers }, tell);
  const checks: boolean[] = [];
  const check = (what: string, ok: boolean) => {
    checks.push(ok);
    tell({ is: 'checked', ok, what });
  };
  const say = (side: LabSide, who: string, text: string) => tell({ is: 'said', side, who, text });
  const arm = (side: LabSide, fault: { kind: 'drop_before' | 'drop_after'; times: number }) =>
    sim.faults.add({ ...fault, match: { method: 'POST', object: customers[side].item } });
  const invite = (side: LabSide, id: number, person: string): Promise<Answer> => {
    say(
      side,
      'Person',
      `Invites ${person}. All ${watch.now[side].database} seats are taken, so one more has to be bought.`,
    );
    return server[side].run({ id, organization: customers[side].organization, person });
  };
  const meets = () => {
    const { database: seats, stripe: billed, settled, open } = watch.now.seatbelt;
    return open === null && seats === billed && settled === billed;
  };

  await watch.read();

  tell({
    is: 'chapter',
    number: 1,
    title: 'The server is killed on the way to Stripe',
    text: 'Ada is invited. The network to Stripe breaks, and while the server tries again, it is killed with kill -9: a deploy, a full memory, a machine that is gone.',
  });
  const broken = sides.map((side) => arm(side, { kind: 'drop_before', times: Number.POSITIVE_INFINITY }));
  const first = sides.map((side) => invite(side, 1, 'ada@example.com'));
  await watch.until('Both requests are on their way', 30_000, () =>
    sides.every((side) => watch.writes(side).some(({ fault }) => fault?.includes('drop_before'))),
  );
  const killed = await Promise.all(sides.map((side) => killServer(side, server[side], say)));
  for (const rule of broken) sim.faults.remove(rule);
  for (const [index, answer] of (await Promise.all(first)).entries()) {
    sayTold(sides[index] ?? 'usual', answer.told, say);
  }
  check(
    'both servers died with the invitation in their hands',
    killed.every((lost) => lost === 1),
  );
  await watch.read();
  check(
    `the usual version's database counts a seat that Stripe does not bill (${watch.now.usual.database} and ${watch.now.usual.stripe})`,
    watch.now.usual.database === 11 && watch.now.usual.stripe === 10,
  );
  say(
    'usual',
    'Why',
    'The new count was committed before Stripe was asked, and nothing on disk says that Stripe still has to be asked. The new server has nothing to go on with: a seat is given away, and nobody will notice.',
  );
  say(
    'seatbelt',
    'Why',
    'Before Stripe was asked, the intent and the exact request were committed. The worker finds them, and sends the stored request under its stored key, as often as it takes.',
  );
  await watch.until("Seatbelt's numbers meet again", healsWithinMs, meets, () => takesUpHint);
  check(`Seatbelt's numbers meet: ${numbersOf(watch, 'seatbelt')}`, meets() && watch.now.seatbelt.stripe === 11);

  tell({
    is: 'chapter',
    number: 2,
    title: 'Stripe does it, and its answer is lost',
    text: 'Grace is invited. Stripe raises the quantity and charges for it, but every one of its answers is lost on the way back.',
  });
  for (const side of sides) arm(side, { kind: 'drop_after', times: sendsOfTheLibrary });
  const second = sides.map(async (side) => {
    const answer = await invite(side, 2, 'grace@example.com');
    watch.tellRequests();
    sayTold(side, answer.told, say);
    return answer.told;
  });
  const told = await watchUntilSettled(watch, Promise.all(second));
  check('the usual version told the person that it did not work', told[0] === 'failure');
  check('Seatbelt did not call a failure what Stripe had done', told[1] !== 'failure');
  say(
    'usual',
    'Why',
    'A missing answer was taken for a failure, so the count was taken back. But Stripe had done it. The customer pays for a seat that the database does not have, and the person was told that nothing happened.',
  );
  say(
    'seatbelt',
    'Why',
    'No answer is no evidence. The change stays in doubt, and the same request goes out again under the same key until Stripe says what became of it.',
  );
  await watch.until(
    "Seatbelt's numbers meet again",
    healsWithinMs,
    meets,
    () => 'The same request is sent again under the same key.',
  );

  const audit = await seatbelt.verifyAudit(customers.seatbelt.organization);
  check(`the audit trail of ${audit.entries} entries is whole`, audit.broken === null);
  const written = watch.writes('seatbelt').filter(({ executed, replayed }) => executed && !replayed).length;
  check(`Stripe wrote once for each of the two invitations on Seatbelt's side (${written})`, written === 2);
  check(`Seatbelt's numbers meet: ${numbersOf(watch, 'seatbelt')}`, meets() && watch.now.seatbelt.stripe === 12);
  const { usual } = watch.now;
  check(
    `the usual version's numbers stay apart: ${numbersOf(watch, 'usual')}`,
    usual.database === 11 && usual.stripe === 12,
  );

  const ok = checks.every((each) => each);
  const cents = unitCents[0] ?? 0;
  tell({
    is: 'ended',
    ok,
    title: ok
      ? `The usual version: ${usual.database} seats, ${usual.stripe} billed. Seatbelt: ${watch.now.seatbelt.database} and ${watch.now.seatbelt.stripe}.`
      : 'Something that had to be so was not so.',
    text: ok
      ? `With the usual version the customer pays ${money(cents * (usual.stripe - (usual.database ?? 0)))} a month for a seat that does not exist, until somebody finds it. With Seatbelt both people have their seats, both numbers meet, and every step is in the audit trail.`
      : 'The list of checks says what. What is shown is what was read.',
  });
  return ok;
}

/** Waits for both answers and goes on reading meanwhile, so that what happens on the way is seen. */
async function watchUntilSettled(watch: WatchedSides, answers: Promise<Told[] | Answer['told'][]>) {
  let settled = false;
  const ended = answers.finally(() => {
    settled = true;
  });
  await Promise.all([
    ended,
    watch.until(
      'Both people get an answer',
      healsWithinMs,
      () => settled,
      () => 'Both servers wait for Stripe.',
    ),
  ]);
  return ended;
}

/** kill -9, whatever it is at; a new process takes its place, as an orchestrator would start one. */
async function killServer(
  side: LabSide,
  server: Awaited<ReturnType<typeof startServers>>,
  say: (side: LabSide, who: string, text: string) => void,
): Promise<number> {
  const lost = await server.kill(0);
  say(side, 'Server', 'Killed with kill -9. A new process takes its place.');
  return lost;
}

function sayTold(side: LabSide, told: Answer['told'], say: (side: LabSide, who: string, text: string) => void): void {
  const words: Record<Answer['told'], string> = {
    success: 'Is told: done.',
    failure: 'Is told: that did not work, please try again.',
    unknown: 'Is told: not known yet, it is being settled; you see it here.',
    nothing: 'Gets no answer: the connection ended.',
  };
  say(side, 'Person', words[told]);
}

async function giveToUsual(pool: pg.Pool, { organization, subscription, item }: LabCustomer): Promise<void> {
  await pool.query(
    `insert into usual.organizations (id, seat_count, stripe_subscription_id, stripe_subscription_item_id)
     values ($1, $2, $3, $4)`,
    [organization, startingSeats, subscription, item],
  );
  await pool.query(
    `insert into usual.members (organization_id, user_id)
     select $1, 'user_' || n from generate_series(1, $2::integer) as n`,
    [organization, startingSeats],
  );
}

function numbersOf(watch: WatchedSides, side: LabSide): string {
  const { database, stripe } = watch.now[side];
  return `${database} in the database, ${stripe} at Stripe`;
}

function money(cents: number): string {
  return new Intl.NumberFormat('en-US', { style: 'currency', currency: 'USD' }).format(cents / 100);
}
