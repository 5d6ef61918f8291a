import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type StripeSim, startStripeSim } from '@seatbelt/stripe-sim';
import { createSeatbelt, migrate } from 'seatbelt';
import { type Environment, readEnvironment, SetupError, type StripeEnvironment } from 'seatbelt/environment';
import { type EmbeddedPostgres, startPostgres } from '../embedded-postgres/index.ts';
import { systemCode } from '../embedded-postgres/problem.ts';
import { isPortFree, listenTrouble } from '../free-port.ts';
import { type ProcessLock, takeLock } from '../process-lock.ts';
import { repositoryRoot } from '../repository.ts';
import { announce } from './announce.ts';
import { Child } from './child.ts';
import { ensureDashboardBuilt, nextProgram } from './dashboard-build.ts';
import { createDemoOrganizations } from './demo-organizations.ts';
import { endLeftChildren, forgetRunning, readRunning, rememberRunning } from './leftovers.ts';
import { openLog, type SupervisorLog } from './log.ts';
import { whenNpmIsGone } from './npm-parent.ts';
import { dashboardPortTaken, portProblem } from './port-problem.ts';
import { sourcedSentence, trialMark, withoutSourcedTrial } from './sourced-trial.ts';
import { StartProblem } from './start-problem.ts';
import {
  fileProblem,
  openStateDirectory,
  readOrMakeSecrets,
  type StateDirectory,
  writeEnvironmentFile,
} from './state-directory.ts';
import { stripeClient } from './stripe-client.ts';

// Ports that a trial likes to use, so that what was noted down yesterday is right today. Another one is taken when they
// are in use, unless a variable asked for them.
const simulatorPort = 12_111;
const postgresPort = 54_321;

// Migrated and built, the dashboard answers within a second or two.
const healthyWithinMs = 60_000;

// A request to Stripe takes at most 10 s, and what was begun is to come to its commit.
const workerGraceMs = 15_000;
const dashboardGraceMs = 12_000;

/** What is up so far, in the order in which it was started; it is stopped in the opposite order. */
type Started = { name: string; stop(): Promise<void> };

/**
 * Brings everything up, keeps it up, and resolves when all of it is down again: after Ctrl-C, SIGTERM, or when a part
 * cannot be kept running.
 *
 * @throws SetupError, StartProblem, PostgresProblem or BuildFailed with a sentence for a person, after stopping what was started.
 */
export async function supervise(shell: NodeJS.ProcessEnv): Promise<void> {
  const log = openLog(process.stdout.isTTY === true);
  const { variables, sourced } = withoutSourcedTrial(shell);
  if (sourced.length > 0) log.logger.info(sourcedSentence(sourced));
  // After that, so that what is read as not set is refused in production as if it were not set.
  const environment = readEnvironment(variables);
  const ending = whenToEnd(log);
  const started: Started[] = [];
  let failure: unknown;
  try {
    failure = await run(environment, variables, log, ending, started);
  } catch (error) {
    // Ended while starting: whatever could not be started for that reason is no failure.
    if (!ending.signal.aborted) failure = error;
  }
  for (const part of started.reverse()) {
    await part.stop().catch((error: unknown) => {
      // The other parts are stopped all the same.
      failure ??= error;
    });
  }
  ending.forget();
  if (ending.signal.aborted) log.logger.info('Everything is stopped.');
  if (failure !== undefined) throw failure;
}

async function run(
  environment: Environment,
  variables: NodeJS.ProcessEnv,
  log: SupervisorLog,
  ending: Ending,
  started: Started[],
): Promise<Error | undefined> {
  const { logger } = log;
  const say = (line: string) => logger.info(line);
  const state = openStateDirectory(variables);
  const lock = await takeSupervisorLock(state);
  started.push({ name: 'lock', stop: () => lock.release() });
  const replaced = await endLeftChildren(state);
  if (replaced > 0) say('Ended what a killed start had left running.');
  await requireFreePort(environment.port, listensOn(environment));

  // The build needs the processor, the database the disk.
  const notNeeded = new AbortController();
  started.push({ name: 'build', stop: async () => notNeeded.abort() });
  const building = ensureDashboardBuilt(say, AbortSignal.any([notNeeded.signal, ending.signal]));
  // It is awaited below; until then its failure must not count as one that nobody looks at.
  building.catch(() => undefined);
  const postgres = await bringDatabase(environment, variables, state, started, say);
  const simulator = await bringSimulator(environment, variables, state, started);
  const { databaseUrl, stripe } = connections(environment, state, postgres, simulator);
  await migrateDatabase(databaseUrl, environment, say);
  const childVariables = variablesForChildren(environment, variables, state, databaseUrl, stripe);
  if (environment.mode === 'embedded') {
    const brought = [...(postgres ? [databaseUrl] : []), ...(simulator ? [stripe.secretKey] : [])];
    writeEnvironmentFile(state, { ...childVariables, SEATBELT_TRIAL: trialMark(brought) });
  }
  if (simulator !== undefined) await createDemo(databaseUrl, stripe, simulator, childVariables, say);
  await building;
  if (ending.signal.aborted) return undefined;

  const url = `http://localhost:${environment.port}`;
  const children: Child[] = [];
  const remember = () => {
    const ids = children.map((child) => child.processId).filter((id) => id !== undefined);
    try {
      rememberRunning(state, url, ids);
    } catch (error) {
      if (!(error instanceof StartProblem)) throw error;
      // Only a start after a kill -9 would need it, and the parts end by themselves then.
      logger.warn(`What is running could not be written down. ${error.message}`);
    }
  };
  started.push({ name: 'record', stop: async () => forgetRunning(state) });
  const keep = (name: string, command: string[], graceMs: number) => {
    const child = new Child({
      name,
      command,
      environment: childVariables,
      graceMs,
      log,
      onGivenUp: (sentence) => ending.fail(new StartProblem('cannot_be_kept_running', sentence)),
      onStarted: remember,
    });
    children.push(child);
    started.push({ name, stop: () => child.stop() });
    child.start();
  };
  keep('worker', [join(repositoryRoot, 'packages', 'cli', 'src', 'bin.ts'), 'worker'], workerGraceMs);
  const hostFlags = listensOn(environment) === 'loopback' ? ['-H', '127.0.0.1'] : [];
  const dashboard = ['start', join(repositoryRoot, 'apps', 'dashboard'), '-p', String(environment.port), ...hostFlags];
  keep('dashboard', [nextProgram, ...dashboard], dashboardGraceMs);
  postgres?.onUnexpectedEnd((sentence) => {
    logger.error(sentence);
    // What was committed is in the write-ahead log; everything else waits and tries again.
    postgres.restart().then(
      () => logger.info('PostgreSQL runs again.'),
      (error: unknown) => ending.fail(error instanceof Error ? error : new Error(String(error))),
    );
  });

  if (await becomesHealthy(environment.port, ending.signal)) {
    if (simulator !== undefined) tellOfChanges(simulator, `http://127.0.0.1:${environment.port}`, stripe.webhookSecret);
    announce({ environment, url, simulator, postgres, state, stripe }, log);
  }
  return await ending.happens;
}

async function takeSupervisorLock(state: StateDirectory): Promise<ProcessLock> {
  const lock = await takeLock(`supervisor ${state.folder}`).catch((error: unknown) => {
    if (listenTrouble(error) === undefined || !(error instanceof Error)) throw error;
    throw new StartProblem(
      'not_writable',
      `The lock on ${state.folder} cannot be made: ${error.message}. Set TMPDIR to a folder that belongs to you.`,
      { cause: error },
    );
  });
  if (lock !== undefined) return lock;
  const running = readRunning(state);
  const who = running?.supervisor === undefined ? '' : ` (process ${running.supervisor.processId})`;
  const where = running === undefined ? '' : ` at ${running.url}`;
  throw new StartProblem(
    'already_running',
    `Seatbelt is running from this folder already${where}${who}. Stop that one with Ctrl-C, or give this one a SEATBELT_STATE_DIR and a PORT of its own.`,
  );
}

/** In a trial the door is open, so it is open to this machine only; otherwise on every interface, as servers do. */
function listensOn(environment: Environment): 'loopback' | 'everywhere' {
  return environment.mode === 'embedded' ? 'loopback' : 'everywhere';
}

async function requireFreePort(port: number, where: 'loopback' | 'everywhere'): Promise<void> {
  const free = await isPortFree(port, where).catch((error: unknown) => {
    throw portProblem('PORT', port, error) ?? error;
  });
  if (!free) throw dashboardPortTaken(port);
}

async function bringDatabase(
  environment: Environment,
  variables: NodeJS.ProcessEnv,
  state: StateDirectory,
  started: Started[],
  say: (line: string) => void,
): Promise<EmbeddedPostgres | undefined> {
  if (environment.databaseUrl !== null) return undefined;
  const asked = readPort(variables, 'SEATBELT_POSTGRES_PORT', environment);
  const port = asked ?? usualPort(postgresPort, environment);
  const postgres = await startPostgres({
    dataDir: state.postgres,
    database: 'seatbelt',
    ...(port === undefined ? {} : { port }),
    anyPortIfTaken: asked === undefined,
  }).catch((error: unknown) => {
    throw asked === undefined ? error : (portProblem('SEATBELT_POSTGRES_PORT', asked, error) ?? error);
  });
  started.push({ name: 'PostgreSQL', stop: () => postgres.stop() });
  if (postgres.replacedLeftover)
    say('Replaced a PostgreSQL that a killed start had left; nothing that was committed is lost.');
  return postgres;
}

async function bringSimulator(
  environment: Environment,
  variables: NodeJS.ProcessEnv,
  state: StateDirectory,
  started: Started[],
): Promise<StripeSim | undefined> {
  if (environment.stripe !== null) return undefined;
  const asked = readPort(variables, 'SEATBELT_SIM_PORT', environment);
  const secrets = readOrMakeSecrets(state);
  const startOn = (port: number) =>
    startStripeSim({
      port,
      stateFile: state.simulator,
      apiKeys: [secrets.stripeSecretKey],
    }).catch((error: unknown) => {
      throw portProblem('SEATBELT_SIM_PORT', port, error) ?? simulatorProblem(state, error);
    });
  const simulator = await startOn(asked ?? usualPort(simulatorPort, environment) ?? 0).catch((error: unknown) => {
    const trouble = error instanceof StartProblem && ['port_taken', 'port_unusable'].includes(error.code);
    if (trouble && asked === undefined) return startOn(0);
    throw error;
  });
  started.push({ name: 'simulator', stop: () => simulator.close() });
  return simulator;
}

/** Undefined where the usual port is the dashboard's, which listens there only later: then any other one will do. */
function usualPort(port: number, environment: Environment): number | undefined {
  return port === environment.port ? undefined : port;
}

/** What may be the matter with the file in which the simulator keeps its account, and with the two beside it. */
function simulatorProblem(state: StateDirectory, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return fileProblem(state.simulator, error);
  const problem = (sentence: string) => new StartProblem('file_unusable', sentence, { cause: error });
  if (code !== undefined) {
    return problem(
      `The simulated Stripe keeps its account in ${state.simulator}, with .lock and .new beside it, and one of these is no file that this user can read and write (${error.message}). Move away what is in the way, or give it to this user by chown.`,
    );
  }
  if (/^The state file .* is kept by process/.test(error.message)) {
    return problem(
      `${error.message} If that is no simulator, but a program that was given the number of one that was killed, remove ${state.simulator}.lock and start again.`,
    );
  }
  // A loss of power may have cut a line in the middle, or a newer version may have written it.
  if (!(error instanceof SyntaxError) && !error.message.startsWith('The state file ')) return error;
  return problem(
    `The simulated Stripe cannot go on from ${state.simulator} (${error.message}). Move ${state.folder} away, and a new trial begins.`,
  );
}

function readPort(
  variables: NodeJS.ProcessEnv,
  variable: string,
  { port: dashboard }: Environment,
): number | undefined {
  const text = variables[variable];
  if (text === undefined || text === '') return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port === dashboard) {
    throw new SetupError('variable_malformed', variable, `${variable} and PORT both ask for port ${port}. Change one.`);
  }
  if (port >= 1 && port <= 65_535) return port;
  throw new SetupError(
    'variable_malformed',
    variable,
    `${variable} is "${text}", and has to be a number from 1 to 65535.`,
  );
}

/** The simulator keeps its endpoints in its state, so the one of an earlier start is there already. */
function tellOfChanges(simulator: StripeSim, dashboardUrl: string, secret: string | null): void {
  const url = `${dashboardUrl}/api/webhooks/stripe`;
  if (secret === null || simulator.events.endpoints().some((endpoint) => endpoint.url === url)) return;
  simulator.events.addEndpoint({ url, secret });
}

function connections(
  environment: Environment,
  state: StateDirectory,
  postgres: EmbeddedPostgres | undefined,
  simulator: StripeSim | undefined,
): { databaseUrl: string; stripe: StripeEnvironment } {
  const databaseUrl = environment.databaseUrl ?? postgres?.url;
  if (databaseUrl === undefined) throw new Error('Bug: neither a database of the user nor one of ours.');
  if (environment.stripe !== null) return { databaseUrl, stripe: environment.stripe };
  if (simulator === undefined) throw new Error('Bug: neither a Stripe of the user nor the simulator.');
  const secrets = readOrMakeSecrets(state);
  const stripe = {
    secretKey: secrets.stripeSecretKey,
    apiBase: simulator.url,
    webhookSecret: secrets.stripeWebhookSecret,
  };
  return { databaseUrl, stripe };
}

async function migrateDatabase(url: string, environment: Environment, say: (line: string) => void): Promise<void> {
  try {
    const { ran } = await migrate(url);
    if (ran.length > 0) say(`Migrated the database: ${ran.join(', ')}.`);
  } catch (error) {
    // Our own database was just started; if that does not answer, it is a bug of ours.
    if (environment.databaseUrl === null || !(error instanceof Error)) throw error;
    throw new StartProblem('database_unreachable', `${describeDatabase(url)} ${reason(error)}`, { cause: error });
  }
}

/** Where it is, without the password; nothing where only the client understands the address (a folder with a socket). */
function describeDatabase(url: string): string {
  const { host, pathname } = URL.canParse(url) ? new URL(url) : { host: '', pathname: '' };
  const where = host + pathname === '' ? '' : ` (${host}${pathname})`;
  return `The database that DATABASE_URL names${where} could not be migrated:`;
}

function reason(error: Error): string {
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = systemCode(cause);
  if (code === 'ERR_INVALID_URL') {
    return 'it cannot be read as an address. In a password "/", "#", "?", "@" and "%" have to be percent-encoded (%2F, %23, %3F, %40, %25), and a port is at most 65535.';
  }
  if (code === 'ECONNREFUSED') return 'nothing listens there.';
  if (code === 'ENOTFOUND') return 'there is no such host.';
  return `${cause.message || error.message}.`;
}

function variablesForChildren(
  environment: Environment,
  variables: NodeJS.ProcessEnv,
  state: StateDirectory,
  databaseUrl: string,
  stripe: StripeEnvironment,
): NodeJS.ProcessEnv {
  const trial = environment.mode === 'embedded';
  const apiKey = environment.apiKey ?? (trial ? readOrMakeSecrets(state).apiKey : null);
  return {
    ...variables,
    PORT: String(environment.port),
    DATABASE_URL: databaseUrl,
    STRIPE_SECRET_KEY: stripe.secretKey,
    STRIPE_API_BASE: stripe.apiBase,
    ...(stripe.webhookSecret === null ? {} : { STRIPE_WEBHOOK_SECRET: stripe.webhookSecret }),
    ...(apiKey === null ? {} : { SEATBELT_API_KEY: apiKey }),
    ...(trial ? { SEATBELT_DEV: '1', SEATBELT_ENVIRONMENT: variables.SEATBELT_ENVIRONMENT ?? 'trial' } : {}),
    // `next start` sets NODE_ENV by itself; this says that the question of production was asked before that.
    SEATBELT_SUPERVISED: '1',
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
  };
}

async function createDemo(
  databaseUrl: string,
  stripe: StripeEnvironment,
  simulator: StripeSim,
  childVariables: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<void> {
  const client = stripeClient(stripe);
  const seatbelt = createSeatbelt({
    db: databaseUrl,
    stripe: client,
    ...(childVariables.SEATBELT_ENVIRONMENT === undefined ? {} : { environment: childVariables.SEATBELT_ENVIRONMENT }),
  });
  try {
    const created = await createDemoOrganizations(seatbelt, simulator, client);
    if (created.length > 0) say(`Created the demo organizations ${created.join(' and ')}.`);
  } finally {
    await seatbelt.close();
  }
}

/** Asks the product itself whether it is up. False when the end came first. */
async function becomesHealthy(port: number, ended: AbortSignal): Promise<boolean> {
  const deadline = performance.now() + healthyWithinMs;
  while (!ended.aborted) {
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/api/health`, { signal: AbortSignal.timeout(5_000) });
      await answer.body?.cancel();
      return true;
    } catch (error) {
      if (performance.now() > deadline) {
        throw new StartProblem(
          'cannot_be_kept_running',
          `The dashboard does not answer on port ${port} (${reason(error instanceof Error ? error : new Error(String(error)))})`,
        );
      }
      // Next.js tells of its readiness in words for people only.
      await pause(100);
    }
  }
  return false;
}

type Ending = {
  /** Aborted when the end has come. */
  signal: AbortSignal;
  /** Resolves with the failure that ended it, or with undefined when a person did. */
  happens: Promise<Error | undefined>;
  fail(error: Error): void;
  forget(): void;
};

/** Ctrl-C, SIGTERM, the end of npm, or a part that cannot be kept running. A second Ctrl-C does not wait any longer. */
function whenToEnd(log: SupervisorLog): Ending {
  const { promise: happens, resolve } = Promise.withResolvers<Error | undefined>();
  const controller = new AbortController();
  const end = (why: string, failure?: Error) => {
    if (controller.signal.aborted) return;
    log.logger.info(why);
    controller.abort();
    resolve(failure);
  };
  const onSignal = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) {
      log.logger.warn('Not waiting any longer. What was under way is taken up by the next start.');
      process.exit(130);
    }
    end(`Stopping (${signal}): the dashboard, the worker, and the database last.`);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  // It stays to the end, because the last lines fail as well.
  process.stdout.on('error', (error) => {
    // A full disk behind `npm start > log` ends nothing: what runs is worth more than what it says.
    if (['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '')) return;
    // Who reads is gone (`npm start | head`), or the terminal is.
    if (systemCode(error) !== 'EPIPE' && systemCode(error) !== 'EIO') throw error;
    end('Stopping, because nobody reads this any more.');
  });
  const stopWatching = whenNpmIsGone(() => end('npm, which started this, has ended. Stopping.'));
  return {
    signal: controller.signal,
    happens,
    fail: (error) => end('Stopping, because a part of the product cannot be kept running.', error),
    forget() {
      stopWatching();
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
      process.off('SIGHUP', onSignal);
    },
  };
}
