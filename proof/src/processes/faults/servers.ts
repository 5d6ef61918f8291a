import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../random.ts';
import type { Load } from '../load/load.ts';
import type { Server } from '../place/fleet.ts';
import type { Place } from '../place/place.ts';
import type { StrikeLog } from './log.ts';

export interface ServerFaultOptions {
  readonly place: Place;
  readonly load: Load;
  readonly random: Random;
  readonly log: StrikeLog;
  readonly signal: AbortSignal;
  /** How long a claim lasts in this run; freezes outlast it. */
  readonly leaseMs: number;
}

/** How much longer than a lease a process sleeps. */
const beyondLeaseMs = [500, 3_000] as const;

/** Kills and freezes of server processes at seeded moments. */
export class ServerFaults {
  readonly #options: ServerFaultOptions;
  readonly #sleeping = new Set<Promise<void>>();

  constructor(options: ServerFaultOptions) {
    this.#options = options;
  }

  /** Kills somebody, mostly one who has been asked for something and has not answered. */
  async kill(): Promise<void> {
    const { place, random, log } = this.#options;
    // A spare that dies had nobody's request; as a worker it may have had an account.
    const victim = random.chance(0.1) ? random.pick(place.fleet.servers) : this.#busiest();
    const asked = this.#options.load.askedOf(victim.pid);
    const killed = place.fleet.kill(victim);
    log.note('kill', victim.pid, `SIGKILL of server ${victim.pid} with ${asked} requests under way`);
    await killed;
  }

  /** Stops one in the middle of what it does and lets it go on when others have taken over. */
  freeze(): void {
    const { place, random, log, leaseMs, signal } = this.#options;
    const victim = this.#busiest();
    const asked = this.#options.load.askedOf(victim.pid);
    place.fleet.freeze(victim);
    log.note('freeze', victim.pid, `SIGSTOP of server ${victim.pid} with ${asked} requests under way`);
    const sleepMs = leaseMs + random.between(...beyondLeaseMs);
    const sleeping = pause(sleepMs, undefined, { signal })
      .catch((error: unknown) => {
        if (!signal.aborted) throw error;
      })
      .then(() => {
        if (victim.state !== 'frozen') return;
        place.fleet.thaw(victim);
        log.note('thaw', victim.pid, `SIGCONT of server ${victim.pid} after ${sleepMs} ms`);
      })
      .finally(() => this.#sleeping.delete(sleeping));
    this.#sleeping.add(sleeping);
  }

  /** Resolves when everybody is awake again. */
  async whenAwake(): Promise<void> {
    await Promise.all(this.#sleeping);
  }

  #busiest(): Server {
    const { place, random, load } = this.#options;
    const serving = place.fleet.doors.flatMap(({ server }) => server ?? []);
    const busy = serving.filter(({ pid }) => load.askedOf(pid) > 0);
    return random.pick(busy.length > 0 ? busy : place.fleet.servers);
  }
}
