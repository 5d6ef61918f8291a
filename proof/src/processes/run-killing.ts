import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../random.ts';
import { type Ended, endAndJudge } from './end.ts';
import { StrikeLog } from './faults/log.ts';
import { ServerFaults } from './faults/servers.ts';
import { Surroundings } from './faults/surroundings.ts';
import { Load } from './load/load.ts';
import { type Place, setUp } from './place/place.ts';
import { promised } from './place/times.ts';

export interface KillingOptions {
  readonly seed: number;
  /** How many processes to kill; with `until` this is only what the progress is measured by. */
  readonly kills: number;
  readonly freezes: number;
  readonly stripeRestarts: number;
  readonly organizations: number;
  readonly foreign: number;
  /** null: production's. A number shortens it, for a slice. */
  readonly leaseMs: number | null;
  /** For a soak: go on killing until then, in milliseconds since 1970. */
  readonly until: number | null;
  readonly signal: AbortSignal;
  /** Called when everything is over and still up: for looking on, and for breaking something on purpose. */
  visit?(place: Place, ended: Ended): Promise<void>;
  progress(now: { readonly kills: number; readonly faults: number; readonly note: string }): void;
}

export interface KillingResult extends Ended {
  readonly kills: number;
  readonly freezes: number;
  readonly stripeRestarts: number;
}

/**
 * On a busy machine a server that is killed too soon has done nothing that could be interrupted, so between two kills
 * clients get some answers; and where every account they ask for is waiting for a lease, the next kill comes all the same.
 */
const answersBetweenKills = 4;
const answersWithinMs = 1_500;
/** Between two kills, in milliseconds: short against the life of a process, long against its start. */
const betweenKillsMs = [30, 400] as const;

/** The whole product under load, and its processes killed, frozen, cut off and lied to, until it is enough; then peace, and the judgement. */
export async function runKilling(options: KillingOptions): Promise<KillingResult> {
  const { signal } = options;
  const log = new StrikeLog();
  const faults = () => log.strikes.length + (place ? total(place) : 0);
  const tell = (note: string) => options.progress({ kills: log.count('kill'), faults: faults(), note });
  let place: Place | null = null;
  place = await setUp({ ...options, doors: 3, spares: 2 }, tell);
  const random = new Random(options.seed + 1);
  const { fleet } = place;
  const load = new Load({
    doors: () => fleet.open,
    apiKey: place.settings.apiKey,
    random: new Random(options.seed + 2),
    organizations: place.organizations.filter(({ foreign }) => !foreign),
    perSecond: 18,
    atOnce: 120,
  });
  try {
    const leaseMs = options.leaseMs ?? promised.leaseMs;
    const servers = new ServerFaults({ place, load, random, log, signal, leaseMs });
    const surroundings = new Surroundings(place, random, log);
    load.start();
    place.setFaults({ clients: 0.02, database: 0.004, stripe: 0.12 });
    const due = new Due(options);
    while (
      !signal.aborted &&
      (options.until === null ? log.count('kill') < options.kills : Date.now() < options.until)
    ) {
      await pause(random.between(...betweenKillsMs));
      await load.whenAnswered(answersBetweenKills, answersWithinMs);
      await servers.kill();
      const kills = log.count('kill');
      if (due.freeze(kills)) servers.freeze();
      if (due.stripeRestart(kills)) await surroundings.restartStripe();
      if (due.foreign(kills)) await surroundings.changeElsewhere();
      if (random.chance(0.3)) await surroundings.turnACard();
      await place.fleet.whenServing(2);
      tell(`${load.stories.length} requests, ${place.fleet.frozen} frozen`);
    }
    await load.stopBeginning();
    await servers.whenAwake();
    await surroundings.mendCards();
    const ended = await endAndJudge({ place, load, log, leaseMs, again: 40, signal, tell });
    await options.visit?.(place, ended);
    return {
      ...ended,
      kills: log.count('kill'),
      freezes: log.count('freeze'),
      stripeRestarts: log.count('simulator_restart'),
    };
  } finally {
    load.close();
    await place.close();
  }
}

function total(place: Place): number {
  return Object.values(place.faultCounts)
    .flatMap((kinds) => Object.values(kinds))
    .reduce((sum, count) => sum + count, 0);
}

/** Spreads the rarer faults evenly over the kills. In a soak they go on at the same rate. */
class Due {
  readonly #options: KillingOptions;

  constructor(options: KillingOptions) {
    this.#options = options;
  }

  freeze(kills: number): boolean {
    return this.#isDue(kills, this.#options.freezes);
  }

  stripeRestart(kills: number): boolean {
    return this.#isDue(kills, this.#options.stripeRestarts);
  }

  foreign(kills: number): boolean {
    return this.#isDue(kills, this.#options.foreign);
  }

  /** True at so many of the kills, the first of them in the middle of its share. */
  #isDue(kills: number, times: number): boolean {
    if (times === 0) return false;
    const share = Math.max(Math.floor(this.#options.kills / times), 1);
    return kills % share === Math.floor(share / 2);
  }
}
