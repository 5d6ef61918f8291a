/** One database of its own on a real cluster, for one schedule after the other. */
import pg from 'pg';
import type { Account, HolderRow, MarkReason } from '../../../packages/engine/src/core/types.ts';
import type { Executor } from '../../../packages/engine/src/db/executor.ts';
import { markAccount } from '../../../packages/engine/src/store/marks.ts';
import type { Border, Fate, Network } from '../instance.ts';
import type { Rows } from '../memory-store.ts';
import type { RealDatabase } from '../schedule.ts';
import type { World } from '../world.ts';
import { Backend } from './backend.ts';
import { accountReading, entryFromRow, insertAccount, rowsReading, take, trailReading } from './behind.ts';
import type { ClientEnd } from './client-end.ts';
import { RealNetwork, type Written } from './network.ts';
import { emptyEverything } from './virtual-clock.ts';
import { type Answer, firstValue, type Statement } from './wire.ts';

/** What a statement of the engine writes, and so what has to be read again. */
const readBackAfter: readonly (readonly [sign: string, reading: string])[] = [
  ['as committed from account', 'execute proof_rows'],
  ['update seatbelt.accounts', 'execute proof_account'],
];

export class Slot implements RealDatabase {
  /** Whose transaction has the account's row. */
  lock: ClientEnd | null = null;
  onCommit: RealDatabase['onCommit'] = null;
  /** Statements that reached the server, over all schedules. */
  statements = 0;
  readonly #url: string;
  readonly #behind: pg.Client;
  /** Sessions that nobody has at the moment. */
  readonly #sessions: Backend[] = [];
  readonly #allSessions = new Set<Backend>();
  #networks: RealNetwork[] = [];
  #world: World | null = null;
  #databaseNow: () => number = () => 0;
  #rows: Rows | null = null;
  #marking: Promise<void> = Promise.resolve();

  private constructor(url: string, behind: pg.Client) {
    this.#url = url;
    this.#behind = behind;
  }

  static async open(url: string): Promise<Slot> {
    const behind = new pg.Client({ connectionString: url });
    await behind.connect();
    return new Slot(url, behind);
  }

  async close(): Promise<void> {
    this.#sessions.length = 0;
    await this.#endSessions([...this.#allSessions]);
    await this.#behind.end();
  }

  // For the schedule

  begin(world: World, databaseNow: () => number, account: Account, holders: readonly HolderRow[]): void {
    this.#world = world;
    this.#databaseNow = databaseNow;
    this.#rows = {
      account,
      leaseOwner: null,
      leaseUntil: 0,
      changes: new Map(),
      waiting: new Map(),
      keys: new Map(),
      holders: new Map(holders.map((row) => [row.holder, row])),
      pushes: new Map(),
      incidents: new Map(),
      audit: [],
      events: [],
      reasons: [],
    };
    world.outside(
      (async () => {
        await this.#behind.query(emptyEverything);
        await insertAccount(this.#behind, account, holders);
      })(),
    );
  }

  rows(): Rows {
    if (this.#rows === null) throw new Error('Bug: no schedule has begun on this database.');
    return this.#rows;
  }

  connect(border: Border, fate: Fate): Network {
    const network = new RealNetwork(this.#running(), this, border, fate);
    this.#networks.push(network);
    return network;
  }

  /** By production's own statement. It waits for whoever has the row, as every write does. */
  mark(told: Omit<MarkReason, 'mark'> | null = null): void {
    const world = this.#running();
    if (this.lock !== null) {
      world.after(50, () => this.mark(told));
      return;
    }
    const { organization, seatType } = this.rows().account;
    this.#marking = this.#marking.then(async () => {
      await this.#behind.query(`set proof.now = '${this.#databaseNow()}'`);
      await markAccount(this.#executor, organization, seatType);
      if (told !== null) await this.#behind.query(markReason, reasonValues(told));
      await this.#readBehind(accountReading);
    });
    world.outside(this.#marking);
  }

  /** Resolves when every mark so far is written. */
  marked(): Promise<void> {
    return this.#marking;
  }

  async readAll(): Promise<void> {
    await this.#readBehind(rowsReading);
    const { rows } = await this.#behind.query(trailReading);
    this.rows().audit.splice(0, Number.POSITIVE_INFINITY, ...rows.map(({ entry }) => entryFromRow(entry)));
  }

  async end(): Promise<void> {
    const networks = this.#networks;
    this.#networks = [];
    await Promise.all(networks.map((network) => network.end()));
    await this.#world?.quiet();
    // A schedule that ends at a violation leaves statements on the way, and each of them has its session.
    await this.#endSessions([...this.#allSessions].filter((session) => !this.#sessions.includes(session)));
    this.lock = null;
    this.onCommit = null;
    this.#world = null;
  }

  async #endSessions(sessions: readonly Backend[]): Promise<void> {
    for (const session of sessions) this.#allSessions.delete(session);
    await Promise.all(sessions.map((session) => session.close()));
  }

  // For the networks

  async session(): Promise<Backend> {
    for (let free = this.#sessions.pop(); free !== undefined; free = this.#sessions.pop()) {
      if (!free.gone) return free;
    }
    const session = await Backend.connect(this.#url);
    this.#allSessions.add(session);
    await session.ask(`prepare proof_rows as ${rowsReading}; prepare proof_account as ${accountReading}`);
    return session;
  }

  giveBack(session: Backend): void {
    this.#sessions.push(session);
  }

  /**
   * One statement of the engine as its client wrote it. Right before it the session is told the time, and
   * right after it what it wrote is read back; all three go at once, so that they cost one round trip.
   */
  async exchange(backend: Backend, statement: Statement, struck: boolean): Promise<Answer> {
    this.statements += 1;
    const told = `set proof.now = '${this.#databaseNow()}'${struck ? `; set proof.struck = 'on'` : ''}`;
    // What is in a transaction is not to be seen before its end.
    const reading = backend.inTransaction
      ? statement.text === 'commit'
        ? 'execute proof_rows'
        : null
      : (readBackAfter.find(([sign]) => statement.text.includes(sign))?.[1] ?? null);
    const { answer, read } = await backend.carry(told, statement, reading);
    if (struck && !backend.gone) await backend.ask(`set proof.struck = 'off'`);
    this.#read = read ? firstValue(read) : null;
    if (this.#read !== null && reading === 'execute proof_account') take(this.rows(), this.#read);
    return answer;
  }
  #read: string | null = null;

  /** What was written by the statement just carried, or by the transaction that it ended. */
  async committed(written: readonly Written[]): Promise<void> {
    const rows = this.rows();
    if (this.#read === null) throw new Error('Bug: a commit was not read back.');
    const before = rows.account;
    take(rows, this.#read);
    for (const { decision, evidenceAt } of written) this.onCommit?.(before, rows, decision, evidenceAt);
  }

  async #readBehind(reading: string): Promise<void> {
    const { rows } = await this.#behind.query<[string]>({ text: reading, rowMode: 'array' });
    const [json] = rows[0] ?? [];
    if (json === undefined) throw new Error('Bug: the account of the schedule is gone.');
    take(this.rows(), json);
  }

  readonly #executor: Executor = {
    executeSql: async (text, values) => {
      const { rows, rowCount } = await this.#behind.query(text, [...values]);
      return { rows, rowCount: rowCount ?? 0 };
    },
  };

  #running(): World {
    if (this.#world === null) throw new Error('Bug: no schedule is running on this database.');
    return this.#world;
  }
}

/** What the event told that made the mark just now. Only its echo is left out: that never marks. */
const markReason = /* sql */ `
insert into seatbelt.mark_reasons (organization_id, seat_type, mark, event_id, event_type, quantity_before, quantity_after,
       request_id, idempotency_key, push_id)
select organization_id, seat_type, marks, 'evt_' || marks, $1, $2, $3, $4, $5, $6::uuid from seatbelt.accounts`;

function reasonValues(told: Omit<MarkReason, 'mark'>): unknown[] {
  const { eventType, quantityBefore, quantityAfter, requestId, key, push } = told;
  return [eventType, quantityBefore, quantityAfter, requestId, key, push?.id ?? null];
}
