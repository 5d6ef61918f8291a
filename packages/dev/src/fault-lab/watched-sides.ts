import { setTimeout as pause } from 'node:timers/promises';
import type { RequestEntry, StripeSim } from '@seatbelt/stripe-sim';
import type pg from 'pg';
import type { Seatbelt } from 'seatbelt';
import type { LabNumbers, LabSide, Tell } from './events.ts';

/** One organization as one of the two programs has it. */
export type LabCustomer = { organization: string; subscription: string; item: string };

// Both databases and the simulator are on this machine: often enough that no step is missed by the eye.
const readEveryMs = 120;

/** Reads both programs' numbers again and again, and tells each change once, with what Stripe and the trail say of it. */
export class WatchedSides {
  readonly now: Record<LabSide, LabNumbers>;
  readonly #pool: pg.Pool;
  readonly #sim: StripeSim;
  readonly #seatbelt: Seatbelt;
  readonly #customers: Record<LabSide, LabCustomer>;
  readonly #tell: Tell;
  readonly #requestsTold = new Set<string>();
  /** The first entry is the link, which belongs to the setting of the stage. */
  #auditTold = 1;

  constructor(
    place: { pool: pg.Pool; sim: StripeSim; seatbelt: Seatbelt; customers: Record<LabSide, LabCustomer> },
    tell: Tell,
  ) {
    this.#pool = place.pool;
    this.#sim = place.sim;
    this.#seatbelt = place.seatbelt;
    this.#customers = place.customers;
    this.#tell = tell;
    const nothing = { database: null, stripe: 0, settled: null, open: null };
    this.now = { usual: nothing, seatbelt: nothing };
  }

  /** Reads until it is so. @throws when it is not so in time */
  async until(
    what: string,
    withinMs: number,
    isSo: () => boolean,
    waiting?: (elapsedMs: number) => string,
  ): Promise<void> {
    const began = performance.now();
    let said = '';
    for (;;) {
      await this.read();
      if (isSo()) return;
      const elapsedMs = performance.now() - began;
      if (elapsedMs > withinMs) throw new Error(`${what}: did not happen within ${Math.round(withinMs / 1000)} s.`);
      const sentence = waiting?.(elapsedMs) ?? '';
      if (sentence !== said) this.#tell({ is: 'waiting', text: sentence });
      said = sentence;
      await pause(readEveryMs);
    }
  }

  /** Reads everything once. */
  async read(): Promise<void> {
    this.tellRequests();
    await this.#tellAudit();
    const [usual, seatbelt] = await Promise.all([this.#usual(), this.#ours()]);
    this.#changed('usual', usual);
    this.#changed('seatbelt', seatbelt);
  }

  /** The writes of that side that reached Stripe, in order. */
  writes(side: LabSide): RequestEntry[] {
    const { subscription, item } = this.#customers[side];
    return this.#sim
      .truth()
      .requests.filter(
        ({ method, path }) =>
          method === 'POST' &&
          (path === `/v1/subscriptions/${subscription}` || path === `/v1/subscription_items/${item}`),
      );
  }

  #changed(side: LabSide, numbers: LabNumbers): void {
    const before = this.now[side];
    if (JSON.stringify(before) === JSON.stringify(numbers)) return;
    this.now[side] = numbers;
    this.#tell({ is: 'numbers', side, moment: null, numbers });
    if (before.database !== null && before.database !== numbers.database) {
      this.#tell({ is: 'said', side, who: 'Database', text: `Seats: ${before.database} → ${numbers.database}.` });
    }
  }

  /** Tells what has reached Stripe since the last time. */
  tellRequests(): void {
    for (const side of ['usual', 'seatbelt'] as const) {
      for (const entry of this.writes(side)) {
        const id = `${side} ${entry.seq}`;
        if (entry.phase !== 'finished' || this.#requestsTold.has(id)) continue;
        this.#requestsTold.add(id);
        this.#tell({ is: 'said', side, who: 'Stripe', text: sayRequest(entry) });
      }
    }
  }

  async #tellAudit(): Promise<void> {
    for await (const stored of this.#seatbelt.exportAudit(this.#customers.seatbelt.organization)) {
      if (stored.sequence <= this.#auditTold) continue;
      this.#auditTold = stored.sequence;
      const { note, kind } = JSON.parse(stored.entry) as { note: string | null; kind: string };
      this.#tell({ is: 'said', side: 'seatbelt', who: 'Audit trail', text: sayEntry(kind, note) });
    }
  }

  async #usual(): Promise<LabNumbers> {
    const { organization } = this.#customers.usual;
    const { rows } = await this.#pool.query<{ seats: number }>(
      'select seat_count as seats from usual.organizations where id = $1',
      [organization],
    );
    if (rows[0] === undefined) throw new Error(`Bug: ${organization} is not in the usual version's table.`);
    return { database: rows[0].seats, stripe: this.#billed('usual'), settled: null, open: null };
  }

  async #ours(): Promise<LabNumbers> {
    const { organization } = this.#customers.seatbelt;
    const { rows } = await this.#pool.query<{ seats: number; settled: number; open: string | null }>(
      `select seat_count as seats, settled_seats as settled, push_state as open
         from seatbelt.organization_seats where organization_id = $1`,
      [organization],
    );
    if (rows[0] === undefined) throw new Error(`Bug: ${organization} is not in seatbelt.organization_seats.`);
    const { seats, settled, open } = rows[0];
    return { database: seats, stripe: this.#billed('seatbelt'), settled, open };
  }

  #billed(side: LabSide): number {
    const { subscription, item } = this.#customers[side];
    const found = this.#sim.truth().subscriptions.find(({ id }) => id === subscription);
    const quantity = found?.items.data.find(({ id }) => id === item)?.quantity;
    if (quantity === undefined) throw new Error(`Bug: the simulator does not know the item ${item}.`);
    return quantity;
  }
}

/** What Stripe's own log says of one request, in a sentence. */
function sayRequest({ executed, replayed, status, fault }: RequestEntry): string {
  if (fault?.includes('drop_before')) return 'Hears nothing: the connection broke before the request arrived.';
  const did = replayed
    ? 'Gets the same request again, knows its key and changes nothing'
    : executed
      ? 'Writes the new quantity'
      : 'Writes nothing';
  if (fault?.includes('drop_after')) return `${did}. Its answer is lost.`;
  return `${did}, and answers ${status ?? 'nothing'}.`;
}

/** An entry of the trail: its kind in words, and its note. */
function sayEntry(kind: string, note: string | null): string {
  const words = kind.replaceAll('_', ' ');
  const named = `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
  return note === null ? `${named}.` : `${named}: ${note}`;
}
