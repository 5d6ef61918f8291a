import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { type StripeSimClient, startStripeSim, stripeSimClient } from '@seatbelt/stripe-sim';
import { type SentryReceiver, sentryReceiver } from '../../../engine/src/alerts/testing/sentry-receiver.ts';
import { startPostgres } from '../embedded-postgres/index.ts';
import { freePort } from '../free-port.ts';
import { repositoryRoot } from '../repository.ts';
import { ensureDashboardBuilt, nextProgram } from '../supervisor/dashboard-build.ts';
import { readRunning } from '../supervisor/leftovers.ts';
import { StartProblem } from '../supervisor/start-problem.ts';
import { openStateDirectory, type StateDirectory } from '../supervisor/state-directory.ts';
import { type Leashed, startLeashed } from './leashed.ts';
import { removeStateFolder, temporaryStateFolder } from './state-folder.ts';
import { until } from './waiting.ts';

/**
 * The product as `npm start` runs it: the supervisor with the built dashboard and the worker, on a real PostgreSQL and
 * the simulated Stripe. Database and simulator are ours, not the supervisor's, because one story takes the database
 * away for a while, and a supervisor would bring its own back at once.
 */
export type DemoProduct = {
  url: string;
  apiKey: string;
  databaseUrl: string;
  /** The variables with which the command line finds it. */
  environment: NodeJS.ProcessEnv;
  simulator: StripeSimClient;
  /** What SENTRY_DSN points at. */
  sentry: SentryReceiver;
  /** PostgreSQL itself: `crash` is `pg_ctl stop -m immediate`, as an operating system does at its worst. */
  database: { crash(): Promise<void>; restart(): Promise<void> };
  /** The process that serves the dashboard and its HTTP doors, as it is now. */
  serverProcess(): number;
  /** True once the server answers. */
  answers(): Promise<boolean>;
  /** A second server on the same database, as behind a load balancer. */
  startSecondServer(): Promise<{ url: string; stop(): Promise<void> }>;
  stop(): Promise<void>;
};

const dashboard = join(repositoryRoot, 'apps', 'dashboard');
const upWithinMs = 90_000;

/** @throws StartProblem, PostgresProblem, BuildFailed with a sentence, or the reason of the signal; nothing is left then. */
export async function startProduct(say: (line: string) => void, signal: AbortSignal): Promise<DemoProduct> {
  const started: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const stopOne of started.splice(0).reverse()) await stopOne();
  };
  try {
    return { ...(await bringUp(started, say, signal)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function bringUp(
  started: (() => Promise<void>)[],
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Omit<DemoProduct, 'stop'>> {
  await ensureDashboardBuilt(say, signal);
  say('Starting PostgreSQL, the simulated Stripe, the dashboard and the worker.');
  const folder = await temporaryStateFolder();
  started.push(() => removeStateFolder(folder));
  const state = openStateDirectory({ SEATBELT_STATE_DIR: folder });

  // It lives for two minutes. A crash of the server loses nothing of what it committed all the same.
  const postgres = await startPostgres({ dataDir: state.postgres, database: 'seatbelt', durable: false });
  started.push(() => postgres.stop());
  const stripeKey = `sk_test_${randomBytes(18).toString('hex')}`;
  const simulator = await startStripeSim({ apiKeys: [stripeKey] });
  started.push(() => simulator.close());
  const sentry = await sentryReceiver();
  started.push(() => sentry.down());
  signal.throwIfAborted();

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const webhookSecret = `whsec_${randomBytes(18).toString('hex')}`;
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  const variables = {
    PATH,
    HOME,
    NODE_COMPILE_CACHE,
    PORT: String(port),
    DATABASE_URL: postgres.url,
    STRIPE_SECRET_KEY: stripeKey,
    STRIPE_API_BASE: simulator.url,
    STRIPE_WEBHOOK_SECRET: webhookSecret,
    SENTRY_DSN: sentry.dsn,
    SEATBELT_DEV: '1',
    SEATBELT_STATE_DIR: folder,
  };
  const supervisor = startLeashed([join(repositoryRoot, 'packages', 'dev', 'src', 'start.ts')], variables);
  started.push(() => supervisor.stop());
  await isUp(supervisor, signal);
  // The dashboard's webhook door exists by now; Stripe tells it of everything that happens there.
  simulator.events.addEndpoint({ url: `${url}/api/webhooks/stripe`, secret: webhookSecret });

  const environment: NodeJS.ProcessEnv = {
    PATH,
    HOME,
    NODE_COMPILE_CACHE,
    ...parseEnv(readFileSync(state.environment, 'utf8')),
    SENTRY_DSN: sentry.dsn,
  };
  const apiKey = environment.SEATBELT_API_KEY;
  if (apiKey === undefined) throw new Error(`Bug: ${state.environment} has no SEATBELT_API_KEY.`);
  return {
    url,
    apiKey,
    databaseUrl: postgres.url,
    environment,
    simulator: stripeSimClient(simulator.url),
    sentry,
    database: { crash: () => postgres.crash('immediate'), restart: () => postgres.restart() },
    serverProcess: () => serverProcess(state),
    answers: () => answersAt(url),
    startSecondServer: () => startSecondServer(environment, started, signal),
  };
}

/** Resolves when the supervisor has said that everything runs. */
async function isUp(supervisor: Leashed, signal: AbortSignal): Promise<void> {
  const { child, lines } = supervisor;
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  await until('The start of the product', async () => ended() || lines.some((line) => line.includes('is running')), {
    withinMs: upWithinMs,
    signal,
  });
  if (!ended()) return;
  throw new StartProblem(
    'cannot_be_kept_running',
    `The product could not be started. It said last:\n${lines.slice(-12).join('\n')}`,
  );
}

/** The supervisor writes down what it runs: the worker first, then the dashboard. */
function serverProcess(state: StateDirectory): number {
  const found = readRunning(state)?.children.at(1)?.processId;
  if (found === undefined) throw new Error('The supervisor has not written down a dashboard process.');
  return found;
}

async function answersAt(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/api/health`, { signal: AbortSignal.timeout(5_000) });
    await answer.body?.cancel();
    return true;
  } catch (error) {
    // fetch has one error for everything that keeps an answer from coming; which one it is does not matter here.
    if (error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError')) return false;
    throw error;
  }
}

async function startSecondServer(
  environment: NodeJS.ProcessEnv,
  started: (() => Promise<void>)[],
  signal: AbortSignal,
): Promise<{ url: string; stop(): Promise<void> }> {
  if (!existsSync(nextProgram)) throw new Error(`Bug: there is no ${nextProgram}.`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = startLeashed([nextProgram, 'start', dashboard, '-p', String(port), '-H', '127.0.0.1'], {
    ...environment,
    PORT: String(port),
    SEATBELT_DEV: '1',
    SEATBELT_SUPERVISED: '1',
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
  });
  const stop = async () => {
    if (server.child.exitCode === null && server.child.signalCode === null) {
      const ended = once(server.child, 'exit');
      server.child.kill('SIGTERM');
      await ended;
    }
  };
  started.push(stop);
  await until('The start of a second server', () => answersAt(url), { withinMs: 30_000, signal });
  return { url, stop };
}
