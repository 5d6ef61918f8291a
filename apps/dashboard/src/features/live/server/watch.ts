import { pool } from '#server/database.ts';
import { logger } from '#server/logger.ts';
import { once } from '#server/once.ts';
import { seatbelt } from '#server/seatbelt.ts';
import { type LiveState, stillMs } from '../contract.ts';

/**
 * How often it is looked whether something moved: faster than a person sees a delay. One statement for all screens of this
 * process; the change itself may be made by any process, and behind a pooler there is no LISTEN to hear of it.
 */
const lookMs = 300;

/** Hears of one organization: its state whenever it moved, and a sign of life while it does not. */
export interface Watcher {
  state(state: LiveState): void;
  still(): void;
}

/** Where it is looked. */
interface Sources {
  versions(organizations: readonly string[]): Promise<readonly { organization: string; version: string }[]>;
  state(organization: string): Promise<LiveState>;
}

interface Watched {
  readonly watchers: Set<Watcher>;
  /**
   * Who came and was told nothing yet. What the others were told last may be older than what a newcomer has read: a pause of
   * the whole installation, for one, does not move the account's version.
   */
  readonly newcomers: Set<Watcher>;
  /** The account's version that was told last; null: nothing was told yet. */
  told: string | null;
  toldAt: number;
  reading: boolean;
}

/** What the screens of this process look at. */
export class Watch {
  readonly #sources: Sources;
  readonly #organizations = new Map<string, Watched>();
  #timer: NodeJS.Timeout | null = null;
  #looking = false;

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** @returns the way to stop */
  add(organization: string, watcher: Watcher): () => void {
    const watched: Watched = this.#organizations.get(organization) ?? {
      watchers: new Set(),
      newcomers: new Set(),
      told: null,
      toldAt: 0,
      reading: false,
    };
    watched.watchers.add(watcher);
    watched.newcomers.add(watcher);
    this.#organizations.set(organization, watched);
    this.#timer ??= setInterval(() => void this.#look(), lookMs);
    return () => {
      watched.watchers.delete(watcher);
      watched.newcomers.delete(watcher);
      if (watched.watchers.size === 0 && this.#organizations.get(organization) === watched) {
        this.#organizations.delete(organization);
      }
      if (this.#organizations.size > 0 || this.#timer === null) return;
      clearInterval(this.#timer);
      this.#timer = null;
    };
  }

  /** How many screens of one organization are open. */
  count(organization: string): number {
    return this.#organizations.get(organization)?.watchers.size ?? 0;
  }

  async #look(): Promise<void> {
    // A database that is slow is not asked twice at once.
    if (this.#looking) return;
    this.#looking = true;
    try {
      const versions = await this.#sources.versions([...this.#organizations.keys()]);
      for (const { organization, version } of versions) {
        const watched = this.#organizations.get(organization);
        if (watched === undefined || watched.reading) continue;
        const moved = watched.told !== version;
        if (moved || watched.newcomers.size > 0) void this.#tell(organization, watched, version);
        if (!moved && performance.now() - watched.toldAt >= stillMs) {
          watched.toldAt = performance.now();
          for (const watcher of watched.watchers) watcher.still();
        }
      }
    } catch (error) {
      // The screens hear nothing, notice that, and ask for themselves; then they say what is wrong.
      logger.warn({ err: error }, 'It could not be looked whether something moved; it is tried again.');
    } finally {
      this.#looking = false;
    }
  }

  async #tell(organization: string, watched: Watched, version: string): Promise<void> {
    watched.reading = true;
    const moved = watched.told !== version;
    // Who comes while it is read is told by the next reading.
    const whom = [...(moved ? watched.watchers : watched.newcomers)];
    try {
      const state = await this.#sources.state(organization);
      // What moved while it was read has another version, and is told at the next look.
      watched.told = version;
      if (moved) watched.toldAt = performance.now();
      for (const watcher of whom) {
        watched.newcomers.delete(watcher);
        if (watched.watchers.has(watcher)) watcher.state(state);
      }
    } catch (error) {
      logger.warn({ err: error, organization }, 'What moved could not be read; it is tried again.');
    } finally {
      watched.reading = false;
    }
  }
}

async function readVersions(organizations: readonly string[]): Promise<{ organization: string; version: string }[]> {
  const { rows } = await pool().query<{ organization: string; version: string }>(
    /* sql */ `
select organization_id as organization, version::text as version
  from seatbelt.accounts where seat_type = 'seat' and organization_id = any($1)`,
    [organizations],
  );
  return rows;
}

async function readState(organization: string): Promise<LiveState> {
  const engine = seatbelt();
  const seats = await engine.seats(organization);
  const newest =
    seats.pending?.changes.at(-1)?.id ?? (await engine.changes(organization, { limit: 1 })).changes[0]?.id ?? null;
  const latest = newest === null ? null : await engine.change(organization, newest);
  return { seats, latest, readAt: new Date().toISOString() };
}

export function watch(): Watch {
  return once('watch', () => new Watch({ versions: readVersions, state: readState }));
}
