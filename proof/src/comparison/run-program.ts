import { type AtRest, type Caller, type Counts, count, type Heard } from './count.ts';
import { armStripeFaults, cutDatabaseConnection } from './faults.ts';
import type { ProgramName, ProgramSettings, Request, Told } from './programs.ts';
import { comeToRest } from './rest.ts';
import { Servers } from './servers.ts';
import { handOver, inDatabase, startingSeats } from './set-up.ts';
import { openSides, type Sides } from './sides.ts';

/** The same for every program. */
export interface ComparisonSize {
  readonly organizations: number;
  /** People who join one organization at the same moment. */
  readonly together: number;
  /** Requests under way over all organizations. */
  readonly atOnce: number;
  /** How long Stripe takes for a write, in milliseconds. */
  readonly stripeMs: number;
  /** The part of the organizations that have a fault at Stripe, 0 to 1. */
  readonly share: number;
  /** SIGKILLs of a server process. */
  readonly kills: number;
  readonly connectionCuts: number;
  /** Server processes of the program. */
  readonly processes: number;
  /** How long Seatbelt lets a caller wait before it says that it does not know yet, in milliseconds. */
  readonly waitMs: number;
}

export interface ProgramFigures {
  readonly program: ProgramName;
  readonly callers: number;
  /** What the callers heard at first, and what those heard in the end who could ask again. */
  readonly heardAtFirst: Readonly<Record<Heard, number>>;
  readonly heard: Readonly<Record<Heard, number>>;
  /** Faults that struck: by kind at Stripe, then processes killed and connections cut. */
  readonly struck: Readonly<Record<string, number>>;
  readonly kills: number;
  readonly connectionCuts: number;
  /** Requests that were under way in a process when it was killed. */
  readonly diedUnderWay: number;
  /** Minutes of stored time that Seatbelt's worker took to rest. The others have nothing that would run. */
  readonly minutesToRest: number;
  readonly atRest: Counts;
  /** What is left once one more person has joined each organization, one after another and without any fault. */
  readonly afterOneMore: Counts;
  /** A line for each of the first organizations of which something is counted, for whoever wants to look closer. */
  readonly left: readonly string[];
}

/** Lines of `left`; the counts tell how many there are in all. */
const mostLines = 20;

/** A caller, for as long as it is not told how its request ended. */
interface Waiting {
  readonly request: Request;
  heard: Heard;
}

/** In Seatbelt's contract a caller without an answer asks again with the same key; so often at most. */
const mostAsking = 5;

/** @param tell hears of requests begun and of faults, for a progress bar. */
export async function runProgram(
  name: ProgramName,
  size: ComparisonSize,
  seed: number,
  hooks: { readonly signal: AbortSignal; readonly tell: (now: { begun: number; faults: number }) => void },
): Promise<ProgramFigures> {
  await using sides = await openSides({
    organizations: size.organizations,
    seats: startingSeats,
    stripeMs: size.stripeMs,
    seed,
  });
  let servers: Servers | null = null;
  const { secret } = sides.sim.events.addEndpoint({ receiver: (event) => balanceWebhook(servers, event) });
  const settings: ProgramSettings = {
    name,
    databaseUrl: sides.url,
    stripePort: sides.sim.port,
    webhookSecret: secret,
    price: sides.price,
    waitMs: size.waitMs,
  };
  const crowd = requestsOf(sides, size.together, 'first');
  const afterwards = requestsOf(sides, 1, 'afterwards');
  await handOver(
    sides,
    settings,
    [...crowd, ...afterwards].map(({ person }) => person),
  );
  servers = await Servers.start(settings, size.processes);
  try {
    const faults = armStripeFaults(sides, { seed, share: size.share });
    const broken = { kills: 0, connectionCuts: 0, diedUnderWay: 0 };
    const struckSoFar = () => Object.values(faults.struck()).reduce((sum, times) => sum + times, 0);
    const callers = await driveUnderFaults(servers, sides, crowd, size, broken, hooks.signal, (begun) =>
      hooks.tell({ begun, faults: struckSoFar() + broken.kills + broken.connectionCuts }),
    );
    const heardAtFirst = countHeard(callers);
    const { minutes } = await settle(servers, sides, settings, callers);
    const struck = faults.struck();
    const organizations = await lookAtBothSides(sides, name, callers);
    const atRest = count(organizations);

    faults.disarm();
    const undisturbed = await drive(servers, afterwards, 4, hooks.signal, () => {});
    await settle(servers, sides, settings, undisturbed);
    const afterOneMore = count(await lookAtBothSides(sides, name, [...callers, ...undisturbed]));
    return {
      program: name,
      callers: callers.length,
      heardAtFirst,
      heard: countHeard(callers),
      struck,
      ...broken,
      minutesToRest: minutes,
      atRest,
      afterOneMore,
      left: organizations.filter(somethingLeft).slice(0, mostLines).map(described),
    };
  } finally {
    await servers.close();
  }
}

/** Those of one organization lie next to each other, so they meet, in one process and across processes. */
function requestsOf(sides: Sides, together: number, name: string): Request[] {
  return sides.customers.flatMap(({ organization }) =>
    Array.from({ length: together }, (_, nth) => {
      const person = `${name}_${nth}_${organization}@example.com`;
      return { organization, person, key: person };
    }),
  );
}

async function driveUnderFaults(
  servers: Servers,
  sides: Sides,
  requests: readonly Request[],
  size: ComparisonSize,
  broken: { kills: number; connectionCuts: number; diedUnderWay: number },
  signal: AbortSignal,
  begun: (requests: number) => void,
): Promise<Waiting[]> {
  // Deaths and cuts come at set places of the run, evenly spread.
  const killAt = places(requests.length, size.kills);
  const cutAt = places(requests.length, size.connectionCuts);
  const breaking: Promise<void>[] = [];
  const callers = await drive(servers, requests, size.atOnce, signal, (now) => {
    if (killAt.has(now)) {
      broken.kills += 1;
      breaking.push(
        servers.kill(broken.kills).then((died) => {
          broken.diedUnderWay += died;
        }),
      );
    }
    if (cutAt.has(now)) {
      breaking.push(
        cutDatabaseConnection(sides).then((cut) => {
          broken.connectionCuts += cut;
        }),
      );
    }
    begun(now);
  });
  await Promise.all(breaking);
  return callers;
}

async function drive(
  servers: Servers,
  requests: readonly Request[],
  atOnce: number,
  signal: AbortSignal,
  begun: (requests: number) => void,
): Promise<Waiting[]> {
  const callers: Waiting[] = [];
  const waiting = requests.values();
  let count = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const request of waiting) {
        signal.throwIfAborted();
        count += 1;
        begun(count);
        const said = await servers.ask<Told>({ what: 'add', request });
        callers.push({ request, heard: said === 'died' ? 'nothing' : said.result });
      }
    }),
  );
  return callers;
}

/** Everything comes to rest, and whoever has no answer asks again where the program has a door for it. */
async function settle(
  servers: Servers,
  sides: Sides,
  settings: ProgramSettings,
  callers: readonly Waiting[],
): Promise<{ minutes: number }> {
  const { minutes } = await comeToRest(sides, settings);
  for (let round = 0; round < mostAsking; round += 1) {
    const unheard = callers.filter(({ heard }) => heard === 'nothing' || heard === 'unknown');
    if (unheard.length === 0) break;
    let asked = 0;
    for (const caller of unheard) {
      const said = await servers.ask<Told | null>({ what: 'ask again', request: caller.request });
      if (said === 'died' || said.result === null) continue;
      caller.heard = said.result;
      asked += 1;
    }
    if (asked === 0) break;
    await comeToRest(sides, settings);
  }
  return { minutes };
}

async function lookAtBothSides(sides: Sides, name: ProgramName, callers: readonly Waiting[]): Promise<AtRest[]> {
  const database = await inDatabase(sides, name);
  const billed = sides.billed();
  const byOrganization = Map.groupBy(callers, ({ request }) => request.organization);
  return sides.customers.map(({ organization, item }): AtRest => {
    const ours = database.get(organization);
    const theirs = billed.get(item);
    if (ours === undefined || theirs === undefined) throw new Error(`${organization} is missing on one side.`);
    const its = byOrganization.get(organization) ?? [];
    return {
      organization,
      startedWith: startingSeats,
      ...ours,
      billed: theirs,
      callers: its.map(({ request, heard }): Caller => ({ person: request.person, heard })),
    };
  });
}

function somethingLeft(one: AtRest): boolean {
  return Object.values(count([one])).some((counted) => counted > 0);
}

function described({ organization, held, stored, billed, callers }: AtRest): string {
  const heard = callers.map((caller) => caller.heard).join(', ');
  return `${organization}: ${held} people, ${stored} written down, ${billed} billed; its callers heard: ${heard}`;
}

async function balanceWebhook(servers: Servers | null, event: globalThis.Request): Promise<Response> {
  if (servers === null) return new Response(null, { status: 503 });
  const said = await servers.ask<number>({
    what: 'webhook',
    payload: await event.text(),
    signature: event.headers.get('stripe-signature') ?? '',
  });
  return new Response(null, { status: said === 'died' ? 503 : said.result });
}

function places(requests: number, times: number): Set<number> {
  return new Set(Array.from({ length: times }, (_, nth) => Math.floor(((nth + 0.5) * requests) / times)));
}

function countHeard(callers: readonly Waiting[]): Record<Heard, number> {
  const counts = { success: 0, failure: 0, unknown: 0, nothing: 0 };
  for (const { heard } of callers) counts[heard] += 1;
  return counts;
}
