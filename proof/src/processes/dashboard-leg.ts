import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '@seatbelt/dev/free-port';
import { repositoryRoot } from '@seatbelt/dev/repository';
import { isDashboardBuilt } from '@seatbelt/dev/supervisor/dashboard-build';
import type { Goal } from '../gate/part.ts';
import { Random } from '../random.ts';
import type { Leg } from './disk-full.ts';
import { endAndJudge } from './end.ts';
import { StrikeLog } from './faults/log.ts';
import { ask } from './load/ask.ts';
import { Load } from './load/load.ts';
import type { RunningChild } from './place/children.ts';
import { environmentName, type Place, setUp } from './place/place.ts';
import { promised } from './place/times.ts';
import { startFaultyTcp } from './proxy/tcp.ts';

const kills = 4;
const program = join(repositoryRoot, 'packages/dev/src/start.ts');
/** Next.js and the supervisor's own pause before it starts a killed child again, on a busy machine. */
const healthyWithinMs = 60_000;
const stopsWithinMs = 20_000;

/**
 * A short leg through the whole product as `npm start` runs it: the built dashboard and its worker under the supervisor,
 * which has to start them again when they are killed. Without a build of exactly these sources it says that it did not run.
 */
export async function dashboardLeg(options: {
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly tell?: (note: string) => void;
}): Promise<Leg> {
  if (!isDashboardBuilt()) {
    const why = 'Not run: there is no build of the dashboard from these sources; `npm test` or `npm start` makes one.';
    return { goals: [], ended: null, lines: [why] };
  }
  const note = (text: string) => options.tell?.(`dashboard: ${text}`);
  const place = await setUp(
    { seed: options.seed, organizations: 30, foreign: 0, doors: 0, spares: 1, leaseMs: null },
    note,
  );
  try {
    return await killDashboard(place, options, note);
  } finally {
    await place.close();
  }
}

async function killDashboard(
  place: Place,
  { seed, signal }: Parameters<typeof dashboardLeg>[0],
  note: (text: string) => void,
): Promise<Leg> {
  const log = new StrikeLog();
  const port = await freePort();
  const random = new Random(seed + 4);
  note('starting it');
  const supervisor = await place.children.start([program], variables(place, port));
  const front = await startFaultyTcp({ target: () => port, random });
  const load = new Load({
    doors: () => [{ port: front.port, pid: null }],
    apiKey: place.settings.apiKey,
    random: new Random(seed + 5),
    organizations: place.organizations,
    perSecond: 12,
    atOnce: 40,
  });
  try {
    await whenHealthy(place, port, signal);
    load.start();
    front.faults.set(0.02);
    place.setFaults({ clients: 0, database: 0.002, stripe: 0.05 });
    for (let killed = 0; killed < kills && !signal.aborted; killed += 1) {
      await pause(random.between(800, 2_000));
      const children = await childrenOf(supervisor.pid);
      const victim = random.pick(children);
      log.note('kill', null, `SIGKILL of ${victim.name} (${victim.pid}), which the supervisor has to start again`);
      process.kill(victim.pid, 'SIGKILL');
      note(`${killed + 1} of ${kills} killed`);
      await pause(500);
      await whenHealthy(place, port, signal);
    }
    await load.stopBeginning();
    front.faults.set(0);
    const ended = await endAndJudge({ place, load, log, leaseMs: promised.leaseMs, again: 10, signal, tell: note });
    const heard = ended.evidence.stories
      .flatMap(({ attempts }) => attempts)
      .filter((attempt) => attempt.heard.is === 'change').length;
    const goal: Goal = {
      title: 'through the built dashboard under `npm start`: violations, and answers that name a change',
      wanted: '0, and >= 10',
      got: `${ended.findings.length}, and ${heard}`,
      met: ended.findings.length === 0 && heard >= 10,
    };
    const lines = log.strikes.map(({ at, what }) => `${new Date(at).toISOString()}  ${what}`);
    return { goals: [goal], ended, lines: [...lines, `Settled after ${ended.settledMs} ms.`] };
  } finally {
    load.close();
    await front.close();
    await stop(supervisor);
  }
}

function variables(place: Place, port: number): NodeJS.ProcessEnv {
  const { settings, folder, environment } = place;
  return {
    ...environment,
    PORT: String(port),
    DATABASE_URL: settings.databaseUrl,
    STRIPE_SECRET_KEY: settings.stripeKey,
    STRIPE_API_BASE: `http://127.0.0.1:${settings.stripePort}`,
    STRIPE_WEBHOOK_SECRET: settings.webhookSecret,
    SEATBELT_API_KEY: settings.apiKey,
    SEATBELT_ENVIRONMENT: environmentName,
    SEATBELT_STATE_DIR: join(folder, 'start'),
    NODE_ENV: undefined,
  };
}

async function whenHealthy(place: Place, port: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + healthyWithinMs;
  while (!signal.aborted) {
    const came = await ask({
      port,
      method: 'GET',
      path: '/api/health',
      organization: 'any',
      apiKey: place.settings.apiKey,
      timeoutMs: 5_000,
    });
    if (came.is === 'answer' && came.http === 200) return;
    if (Date.now() > deadline) {
      const said = came.is === 'answer' ? `${came.http} ${came.text.slice(0, 200)}` : came.why;
      throw new Error(`The dashboard did not come up within ${healthyWithinMs / 1_000} s; it says ${said}.`);
    }
    await pause(200);
  }
}

/** The processes that the supervisor keeps, by what they run. */
async function childrenOf(pid: number): Promise<{ pid: number; name: string }[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const found = [];
  for (const child of text.trim().split(/\s+/).map(Number)) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8');
    if (command.includes('/next')) found.push({ pid: child, name: 'the dashboard' });
    else if (command.includes('worker')) found.push({ pid: child, name: 'the worker' });
  }
  if (found.length === 0) throw new Error(`The supervisor has no children that can be killed: ${text}.`);
  return found;
}

async function stop(supervisor: RunningChild): Promise<void> {
  supervisor.process.kill('SIGTERM');
  const late = new AbortController();
  const tooLong = pause(stopsWithinMs, undefined, { signal: late.signal }).then(
    () => supervisor.process.kill('SIGKILL'),
    (error: unknown) => {
      if (!late.signal.aborted) throw error;
    },
  );
  await supervisor.gone;
  late.abort();
  await tooLong;
}
