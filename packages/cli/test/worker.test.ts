import assert from 'node:assert/strict';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { privatePostgres, testDatabase } from '@seatbelt/dev';
import { sentryReceiver } from '../../engine/src/alerts/testing/sentry-receiver.ts';
import { product } from '../../engine/test/product.ts';
import { type Environment, environmentOf, errorOf, seatbelt, start } from './cli.ts';
import { held } from './states.ts';

interface LogLine {
  msg: string;
  level: number;
  signal?: string;
  sentry?: boolean;
}

/** A worker as a process of its own, whose log lines can be waited for. */
class RunningWorker {
  readonly lines: LogLine[] = [];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #closed: Promise<unknown[]>;
  readonly #waiting = new Set<() => void>();

  constructor(env: Environment) {
    this.#child = start(env, ['worker']);
    this.#closed = once(this.#child, 'close');
    this.#child.stderr.resume();
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const entry = JSON.parse(line) as LogLine;
      this.lines.push(entry);
      for (const look of this.#waiting) look();
    });
  }

  /** Settles once so many lines, past or future, have this text; fails when the worker ends before. */
  async logged(text: string, times = 1): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (this.lines.filter(({ msg }) => msg.includes(text)).length >= times) resolve();
    };
    this.#waiting.add(look);
    look();
    const ended = this.#closed.then(() => {
      throw new Error(`The worker ended without saying "${text}": ${JSON.stringify(this.lines)}`);
    });
    await Promise.race([promise, ended]).finally(() => this.#waiting.delete(look));
  }

  /** Asks it to end, and says how it ended. */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(signal);
    const [code] = await this.#closed;
    return code as number | null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.stop('SIGKILL');
  }
}

describe('seatbelt worker', () => {
  test('carries out what is due, and on SIGTERM finishes, says so and ends with 0', async () => {
    await using p = await product();
    await using worker = new RunningWorker(environmentOf(p));
    await worker.logged('The worker is running.');
    // Accepted in a transaction of the host's: nobody but the worker will send it.
    const client = await p.pool.connect();
    await client.query('begin');
    await p.seatbelt.set('org_test', 12, { db: client });
    await client.query('commit');
    client.release();
    await p.sim.waitFor(({ method, phase }) => method === 'POST' && phase === 'finished');
    await worker.logged('Advanced what was due.');
    const code = await worker.stop('SIGTERM');
    assert.equal(code, 0);
    assert.deepEqual(
      worker.lines.slice(-2).map(({ msg, signal }) => [msg, signal]),
      [
        ['Stopping: the round under way is finished first.', 'SIGTERM'],
        ['The worker has stopped.', undefined],
      ],
    );
    const { settledSeats, pending } = await p.seatbelt.seats('org_test');
    assert.deepEqual([settledSeats, pending, p.stripeQuantity()], [12, null, 12]);
    const status = JSON.parse((await seatbelt(environmentOf(p), 'status', '--json')).out);
    assert.equal(status.worker.silent, false);
  });

  test('SIGTERM while Stripe is being asked: the answer is waited for and written before it ends', async () => {
    await using p = await product();
    const hang = p.sim.faults.add({ kind: 'delay_after', match: { method: 'POST' } });
    await using worker = new RunningWorker(environmentOf(p));
    await worker.logged('The worker is running.');
    const client = await p.pool.connect();
    await client.query('begin');
    await p.seatbelt.set('org_test', 12, { db: client });
    await client.query('commit');
    client.release();
    await p.sim.waitFor(({ method, phase }) => method === 'POST' && phase === 'executed');
    const ended = worker.stop('SIGTERM');
    await worker.logged('Stopping');
    p.sim.faults.release(hang);
    assert.equal(await ended, 0);
    const { rows } = await p.pool.query('select settled_seats, push_state from seatbelt.accounts');
    assert.deepEqual(rows, [{ settled_seats: 12, push_state: null }]);
    assert.equal(p.stripeWrites().length, 1);
  });

  test('tells Sentry of an incident that its finder could not tell', async () => {
    await using p = await product();
    await using sentry = await sentryReceiver();
    await held(p, 15);
    await using worker = new RunningWorker({ ...environmentOf(p), SENTRY_DSN: sentry.dsn });
    const { event } = await sentry.accepted();
    assert.match(JSON.stringify(event), /org_test/);
    assert.match(JSON.stringify(event), /Stripe shows quantity 15, but 10 was agreed on/);
    assert.equal(await worker.stop('SIGINT'), 0);
    assert.equal(worker.lines.find(({ msg }) => msg === 'The worker is running.')?.sentry, true);
  });

  test('SIGTERM while the database is away: it does not sit out the wait before its next round', async () => {
    await using server = await privatePostgres();
    await using p = await product();
    await using worker = new RunningWorker({ ...environmentOf(p), DATABASE_URL: server.url });
    await worker.logged('The worker is running.');
    await server.stop();
    // The third failure in a row: the next round would come after 16 s.
    await worker.logged('A round of the worker failed', 3);
    const asked = performance.now();
    assert.equal(await worker.stop('SIGTERM'), 0);
    assert.ok(performance.now() - asked < 8_000, `it took ${Math.round(performance.now() - asked)} ms`);
  });

  test('what is not set up ends it at once, with the reason', async () => {
    await using p = await product();
    await using empty = await testDatabase({ template: 'empty' });
    const noSchema = await seatbelt({ ...environmentOf(p), DATABASE_URL: empty.url }, 'worker', '--json');
    assert.deepEqual([noSchema.code, errorOf(noSchema).code], [2, 'not_migrated']);
    const noKey = await seatbelt({ DATABASE_URL: p.databaseUrl }, 'worker', '--json');
    assert.deepEqual([noKey.code, errorOf(noKey).code], [2, 'variable_missing']);
  });
});
