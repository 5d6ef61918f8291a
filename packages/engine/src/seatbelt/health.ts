import type { DutyBody, HealthBody } from '../http/contract.ts';
import { readDuties } from '../store/duties.ts';
import { type JudgedDuty, judge } from '../watch/judge.ts';
import type { Inside } from './inside.ts';

/** One ping in this time, however often health is asked for. */
const pingKeptMs = 5_000;
/** How long the answer waits for what is looked after beside it. */
const watchPatienceMs = 1_000;

/** Whether the three sides answer. Anybody may ask. */
export class Health {
  readonly #inside: Inside;
  #pinged: { readonly at: number; readonly answer: Promise<'ok' | 'down'> } | null = null;

  constructor(inside: Inside) {
    this.#inside = inside;
  }

  async read(): Promise<HealthBody> {
    const [database, stripe] = await Promise.all([this.#database(), this.#stripe()]);
    const judged = database !== 'down' ? await this.#duties() : null;
    if (judged === null)
      return { status: database === 'down' ? 'down' : 'degraded', database, stripe, worker: 'unknown' };
    const worker = workerOf(judged);
    const duties = judged.flatMap(dutyBody);
    const well = database === 'ok' && stripe === 'ok' && worker === 'ok' && duties.every(({ silent }) => !silent);
    return { status: well ? 'ok' : 'degraded', database, stripe, worker, duties };
  }

  /** Nothing is written for this, since anybody may ask: a server that refuses writes is known by those that it refused. */
  async #database(): Promise<HealthBody['database']> {
    try {
      await this.#inside.database.executeSql('select 1', []);
      return this.#inside.database.refusesWrites() ? 'refuses_writes' : 'ok';
    } catch (error) {
      this.#inside.logger.warn({ err: error }, 'Health: the database does not answer.');
      return 'down';
    }
  }

  /** Anybody may ask for health, so the answer of Stripe is kept for a while: its rate limit is for pushes. */
  #stripe(): Promise<'ok' | 'down'> {
    const now = performance.now();
    if (this.#pinged === null || now - this.#pinged.at > pingKeptMs)
      this.#pinged = { at: now, answer: this.#inside.stripe.ping() };
    return this.#pinged.answer;
  }

  async #duties(): Promise<JudgedDuty[] | null> {
    // Whoever asks for health now and then is the last one who can find a silent worker where nobody else runs.
    // Finding one takes a moment; telling Sentry of it may take seconds, and a load balancer waits for this answer.
    await Promise.race([this.#inside.watchNow(), this.#inside.closing.pause(watchPatienceMs)]);
    const duties = await this.#inside.tryRead(() => readDuties(this.#inside.database));
    return duties && judge(duties);
  }
}

function workerOf(duties: readonly JudgedDuty[]): HealthBody['worker'] {
  const rounds = duties.find(({ name }) => name === 'tick');
  if (rounds?.state === 'silent') return 'silent';
  return rounds === undefined || rounds.lastSuccessAt === null ? 'unknown' : 'ok';
}

const names: Readonly<Record<string, DutyBody['name']>> = { tick: 'worker', events: 'events', sweep: 'sweep' };

function dutyBody({ name, state, lastSuccessAt }: JudgedDuty): DutyBody[] {
  const word = names[name];
  if (word === undefined || state === 'not_expected') return [];
  return [{ name: word, lastSuccessAt, silent: state === 'silent' || state === 'unjudged' }];
}
