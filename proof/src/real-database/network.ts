/**
 * The way from one process to a real PostgreSQL. Above it runs what runs in production: the store, its statements, the
 * database access and the client library. Below it is a real session with a real server. In between each statement takes
 * its virtual time, and here connections are dropped: before a statement is sent, in the middle of it, after the server
 * has done it and before anybody is told, in the middle of the answer; or the statement arrives long after its sender
 * has given up. A process that dies leaves on the wire what it had written.
 */
import pg from 'pg';
import type { Decision, State } from '../../../packages/engine/src/core/types.ts';
import { type Database, databaseOf, type Executor } from '../../../packages/engine/src/db/executor.ts';
import { postgresStore } from '../../../packages/engine/src/store/postgres-store.ts';
import type { LeaseAction, Store } from '../../../packages/engine/src/store/store.ts';
import type { Border, Fate, Network } from '../instance.ts';
import { second } from '../plan.ts';
import type { World } from '../world.ts';
import { type Carrier, ClientEnd } from './client-end.ts';
import type { Slot } from './slot.ts';
import type { Answer, Statement } from './wire.ts';

/** A decision that is being written, recognised on the wire by the values of its statement. */
export interface Written {
  readonly before: State;
  readonly decision: Decision;
  /** When Stripe made what the process had heard of it when it decided. */
  readonly evidenceAt: number;
}

/** What becomes of one statement on its way. */
type Fault =
  | 'none'
  /** Cut before a byte of it is sent, or with half of it sent. */
  | 'unsent'
  | 'half_sent'
  /** The server turns it down: another transaction was in the way. */
  | 'conflict'
  /** The server does it; the answer is lost, or its last words are. */
  | 'answer_lost'
  | 'answer_cut'
  /** Its sender is cut off and gives up; the statement arrives later all the same. */
  | 'late';

/** The server ends a transaction that stays open for so long, so that a sleeper does not block everybody. */
const openTransactionMs = 30 * second;

export class RealNetwork implements Network, Carrier {
  readonly store: Store;
  readonly #world: World;
  readonly #slot: Slot;
  readonly #border: Border;
  readonly #fate: Fate;
  readonly #pool: pg.Pool;
  readonly #ends = new Set<ClientEnd>();
  readonly #written = new Map<string, Written>();
  readonly #inTransaction = new Map<ClientEnd, Written[]>();
  #committing: Written | null = null;

  constructor(world: World, slot: Slot, border: Border, fate: Fate) {
    this.#world = world;
    this.#slot = slot;
    this.#border = border;
    this.#fate = fate;
    const options = {
      host: '127.0.0.1',
      user: 'seatbelt',
      database: 'seatbelt',
      max: 4,
      stream: () => new ClientEnd(this),
    };
    // The types know only streams that are there already; the library takes a way to make one as well, and says so.
    this.#pool = new pg.Pool(options as unknown as pg.PoolConfig);
    // An idle connection was cut; the next statement takes another one.
    this.#pool.on('error', () => undefined);
    // Both ways of a client that production knows: statements with names, and without.
    this.store = this.#whileAlive(
      postgresStore(this.#recognised(databaseOf(this.#pool, { prepare: fate.between(0, 7) > 0 }))),
    );
  }

  crashed(): void {
    for (const end of [...this.#ends]) end.cut(true);
  }

  /** Nobody is interested any more. */
  async end(): Promise<void> {
    for (const end of [...this.#ends]) end.cut(false);
    const ended = this.#pool.end();
    // Who died in the middle of a transaction never gives its connection back, and its pool would wait for that for ever.
    if (this.#border.alive()) await ended;
  }

  // Above: what is decided is recognised when its statement passes

  #recognised(database: Database): Database {
    const recognise = (values: readonly unknown[]) => {
      if (this.#committing) this.#written.set(nameOf(values.map(textOf)), this.#committing);
      this.#committing = null;
    };
    const over = (executor: Executor): Executor => ({
      executeSql: (text, values) => {
        recognise(values);
        return executor.executeSql(text, values);
      },
    });
    return { ...database, ...over(database), transaction: (work) => database.transaction((tx) => work(over(tx))) };
  }

  /** Whoever is dead hears nothing more, not even that its connections are gone. */
  #whileAlive(store: Store): Store {
    const heard = <T>(said: Promise<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        said.then(
          (value) => this.#border.alive() && resolve(value),
          (error: unknown) => this.#border.alive() && reject(error),
        );
      });
    const verbs = (of: Pick<Store, 'load' | 'commit'>): Pick<Store, 'load' | 'commit'> => ({
      load: (key, named) => heard(of.load(key, named)),
      commit: (before: State, decision: Decision, lease: LeaseAction) => {
        this.#committing = { before, decision, evidenceAt: this.#border.evidenceAt() };
        return heard(of.commit(before, decision, lease));
      },
    });
    return {
      ...verbs(store),
      locked: (key, work) => heard(store.locked(key, (within) => work(verbs(within)))),
      changes: (key, ids) => heard(store.changes(key, ids)),
      markReasons: (key, after, upTo) => heard(store.markReasons(key, after, upTo)),
      claimDue: (owner, limit, leaseMs) => heard(store.claimDue(owner, limit, leaseMs)),
      claim: (key, owner, leaseMs) => heard(store.claim(key, owner, leaseMs)),
      release: (key, owner) => heard(store.release(key, owner)),
    };
  }

  // The wire

  dial(end: ClientEnd): void {
    this.#ends.add(end);
    const refused = this.#fate.databaseIsDown() || this.#fate.strikes('never_sent');
    this.#world.after(1, () =>
      this.#border.deliver(() => {
        if (refused) end.refuse();
        else end.arrive();
      }),
    );
  }

  statement(end: ClientEnd, statement: Statement): void {
    const what = wordFor(statement.text);
    this.#border.cross(`before ${what}`);
    if (!this.#border.alive() || end.destroyed) return;
    const fault = this.#fault(what, end);
    const { between, skewed } = this.#fate;
    if (fault !== 'none') this.#world.tell(this.#border.name, () => `${what}: ${fault.replace('_', ' ')}`);
    end.underWay = true;
    if (fault === 'unsent' || fault === 'half_sent' || fault === 'late') this.#cutSoon(end);
    if (fault === 'unsent') {
      end.underWay = false;
      return;
    }
    const wayMs = between(0, 4) + (fault === 'late' ? skewed(5, 20 * second) : 0);
    this.#afterLock(wayMs, end, statement, () => this.#world.outside(this.#carry(end, statement, what, fault)));
  }

  closed(end: ClientEnd): void {
    this.#ends.delete(end);
    if (!end.underWay) this.#letGo(end);
  }

  #fault(what: string, end: ClientEnd): Fault {
    const { strikes, databaseIsDown, between } = this.#fate;
    if (end.lost || databaseIsDown() || strikes('never_sent')) return 'unsent';
    if (what === 'a commit' && strikes('conflict')) return 'conflict';
    if (strikes('unknown_undone')) return between(0, 3) > 0 ? 'unsent' : 'half_sent';
    if (strikes('unknown_done')) return between(0, 1) === 0 ? 'answer_lost' : 'answer_cut';
    // What is late within a transaction is the same as lost: the server has ended it by then. But not its end.
    const within = end.backend?.inTransaction === true && what !== 'the end of a transaction';
    if (strikes('unknown_late')) return within ? 'unsent' : 'late';
    return 'none';
  }

  /** A write waits while another transaction has the row. The server would let it wait too, but in real time. */
  #afterLock(ms: number, end: ClientEnd, statement: Statement, run: () => void): void {
    this.#world.after(ms, () => {
      const { lock } = this.#slot;
      if (lock !== null && lock !== end && waitsForRow(statement.text)) this.#afterLock(50, end, statement, run);
      else run();
    });
  }

  async #carry(end: ClientEnd, statement: Statement, what: string, fault: Fault): Promise<void> {
    const backend = end.lost ? null : (end.backend ?? (await this.#slot.session()));
    end.backend = backend;
    if (backend === null || backend.gone) {
      end.underWay = false;
      this.#cutSoon(end);
      return;
    }
    if (fault === 'half_sent') {
      const bytes = Buffer.concat(statement.messages);
      await backend.close(bytes.subarray(0, Math.ceil(bytes.length / 2)));
      if (this.#slot.lock === end) this.#slot.lock = null;
      this.#arrived(end);
      return;
    }
    const name = nameOf(statement.values);
    const written = this.#written.get(name) ?? null;
    if ((written === null) === (what === 'a commit'))
      throw new Error(`Bug: ${what} was not recognised for what it is.`);
    if (written) await this.#somebodyFirst();
    const answer = await this.#slot.exchange(backend, statement, fault === 'conflict');
    if (what === 'a lock' && answer.done !== null) this.#locked(end);
    await this.#judge(end, answer, written);
    if (this.#slot.lock === end && !backend.inTransaction) this.#slot.lock = null;
    this.#arrived(end);
    this.#answer(end, what, answer, fault);
  }

  /** The world may put somebody else right before a commit. */
  async #somebodyFirst(): Promise<void> {
    this.#fate.commits(0, () => undefined);
    await this.#slot.marked();
  }

  /** What is committed is judged, when it is: a statement by itself now, one in a transaction at its end. */
  async #judge(end: ClientEnd, answer: Answer, written: Written | null): Promise<void> {
    const open = this.#inTransaction.get(end) ?? [];
    if (written && answer.rows === 1) open.push(written);
    this.#inTransaction.set(end, open);
    if (answer.status !== 'I') return;
    this.#inTransaction.delete(end);
    const committed = written ? answer.rows === 1 : answer.done === 'COMMIT';
    if (committed && open.length > 0) await this.#slot.committed(open);
  }

  #locked(end: ClientEnd): void {
    this.#slot.lock = end;
    this.#world.after(openTransactionMs, () => {
      if (this.#slot.lock !== end || end.underWay) return;
      this.#world.tell('database', () => `ends a transaction of ${this.#border.name} that was open too long`);
      end.lost = true;
      this.#letGo(end);
    });
  }

  #answer(end: ClientEnd, what: string, answer: Answer, fault: Fault): void {
    if (fault === 'late') return;
    this.#world.after(this.#fate.between(0, 4), () =>
      this.#border.deliver(() => {
        if (fault === 'answer_lost') {
          this.#cut(end);
          return;
        }
        this.#border.cross(`after ${what}`);
        if (!this.#border.alive()) return;
        this.#border.deliver(() => {
          // Without its last word, that the server is ready, an answer does not prove that anything was committed.
          const heard = fault === 'answer_cut' ? answer.messages.slice(0, -1) : answer.messages;
          end.answer(Buffer.concat(heard));
          if (fault === 'answer_cut') this.#cut(end);
        });
      }),
    );
  }

  #cutSoon(end: ClientEnd): void {
    this.#world.after(4, () => this.#border.deliver(() => this.#cut(end)));
  }

  #cut(end: ClientEnd): void {
    end.cut(this.#fate.between(0, 1) === 0);
  }

  #arrived(end: ClientEnd): void {
    end.underWay = false;
    if (end.destroyed) this.#letGo(end);
  }

  /**
   * The server's end of a connection that is gone. A transaction that is open is really ended, and time stands still
   * until the server has rolled it back; so is one idle session in sixty. The others go to the next one who connects.
   */
  #letGo(end: ClientEnd): void {
    const { backend } = end;
    end.backend = null;
    this.#inTransaction.delete(end);
    if (backend === null || backend.gone) {
      if (this.#slot.lock === end) this.#slot.lock = null;
      return;
    }
    if (!backend.inTransaction && this.#fate.between(0, 59) > 0) {
      this.#slot.giveBack(backend);
      return;
    }
    this.#world.outside(
      backend.close().then(() => {
        if (this.#slot.lock === end) this.#slot.lock = null;
      }),
    );
  }
}

/** For people, and for what is told apart here. */
function wordFor(text: string): string {
  const word = words.find(([sign]) => text.includes(sign));
  return word?.[1] ?? 'a statement';
}

const words: readonly (readonly [sign: string, word: string])[] = [
  ['as committed from account', 'a commit'],
  ['select row_to_json(a) as account', 'a load'],
  ['skip locked', 'a claim of what is due'],
  ['for update', 'a lock'],
  ['returning 1 as claimed', 'a claim'],
  ['set lease_owner = null', 'a release'],
  ['select to_jsonb(c) as change', 'a reading of changes'],
  ['from seatbelt.mark_reasons', 'a reading of what events told'],
  ['begin', 'the beginning of a transaction'],
  ['rollback', 'a rollback'],
  ['commit', 'the end of a transaction'],
];

function waitsForRow(text: string): boolean {
  return !text.includes('skip locked') && (text.includes('update seatbelt.accounts') || text.includes('for update'));
}

/** As the client library writes values on the wire. */
function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

function nameOf(values: readonly (string | null)[]): string {
  return values.map((value) => value ?? '\u0000').join('\u0001');
}
