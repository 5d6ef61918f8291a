import type { FaultMatch, FaultRule, RequestEntry } from '@seatbelt/stripe-sim';
import { commandLine } from './command-line.ts';
import { type Answer, type Doors, doorsOf } from './doors.ts';
import type { DemoProduct } from './product.ts';
import type { StoryReport } from './report.ts';
import { type Linked, readSides, type Sides } from './sides.ts';
import { type Story, StoryFailed } from './story.ts';
import type { Teller } from './terminal.ts';
import { until } from './waiting.ts';

/** What a story has at hand: the public doors of the product, the faults of the simulator, and a way to tell. */
export class Stage {
  readonly product: DemoProduct;
  readonly linked: Linked;
  readonly doors: Doors;
  readonly report: StoryReport;
  readonly signal: AbortSignal;
  readonly #teller: Teller;

  constructor(product: DemoProduct, story: Story, linked: Linked, teller: Teller, signal: AbortSignal) {
    this.product = product;
    this.linked = linked;
    this.signal = signal;
    this.#teller = teller;
    this.doors = doorsOf(product.url, product.apiKey, linked.organization, signal);
    const { number, title, broken } = story;
    this.report = {
      number,
      title,
      organization: linked.organization,
      broken,
      callers: [],
      sides: [],
      alerts: [],
      notes: [],
      healed: null,
      checks: [],
      ok: false,
      tookMs: 0,
    };
  }

  /** Arms a fault on the writes to this organization's subscription, and gives its id. */
  async breakWrites(rule: Omit<FaultRule, 'match'> & { match?: FaultMatch }): Promise<string> {
    const match = { method: 'POST', path: `/v1/subscriptions/${this.linked.subscription}`, ...rule.match };
    return await this.product.simulator.faults.add({ ...rule, match });
  }

  /** Resolves when Stripe holds a request by that fault. */
  async isHeld(fault: string): Promise<void> {
    await this.waitFor('Stripe holds the request', 15_000, async () =>
      (await this.product.simulator.faults.list()).some(({ id, holding }) => id === fault && holding > 0),
    );
  }

  /** Tells what a caller asked and was told. */
  async caller(asked: string, ask: Promise<Answer>): Promise<Answer> {
    const began = performance.now();
    const answer = await ask;
    const afterMs = performance.now() - began;
    this.report.callers.push({ asked, answer, afterMs });
    this.#teller.fact('Caller', `${asked}\n  -> ${sayAnswer(answer)} (${seconds(afterMs)})`);
    return answer;
  }

  /** Tells of a caller whose connection breaks, and insists that it does. */
  async callerLosesConnection(asked: string, ask: Promise<Answer>): Promise<void> {
    const began = performance.now();
    const ended = await ask.then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    );
    this.signal.throwIfAborted();
    if ('answer' in ended) {
      this.expect(`the caller's connection breaks (it got ${sayAnswer(ended.answer)})`, false);
      return;
    }
    const reason = reasonOf(ended.error);
    const afterMs = performance.now() - began;
    this.report.callers.push({ asked, answer: { connectionLost: reason }, afterMs });
    this.#teller.fact('Caller', `${asked}\n  -> no answer: ${reason}`);
  }

  /** Reads both sides and keeps it for the table. */
  async both(moment: string): Promise<Sides> {
    const sides = await this.sides();
    this.report.sides.push({ moment, ...sides });
    this.#teller.sides?.(moment, sides);
    return sides;
  }

  async sides(): Promise<Sides> {
    return await readSides(this.product.databaseUrl, this.product.simulator, this.linked);
  }

  /** Waits for the end of everything open, and says how it healed and how long it took. */
  async heals(how: string, options: { since: number; withinMs: number; hint?: (elapsedMs: number) => string }) {
    await this.waitFor(
      how,
      options.withinMs,
      async () => {
        const { database } = await this.sides();
        return database !== null && database.pushState === null && database.seatCount === database.settledSeats;
      },
      options.hint,
    );
    const afterMs = performance.now() - options.since;
    this.report.healed = { how, afterMs };
    this.#teller.fact('Healed', `${how}, after ${seconds(afterMs)}`);
  }

  /** @throws StoryFailed when it takes too long */
  async waitFor<T>(
    what: string,
    withinMs: number,
    ask: () => Promise<T | undefined | false>,
    hint: (elapsedMs: number) => string = () => '',
  ): Promise<T> {
    return await until(what, ask, {
      withinMs,
      signal: this.signal,
      still: (elapsedMs) => {
        const more = hint(elapsedMs);
        this.#teller.progress(`... ${seconds(elapsedMs)} ${more === '' ? what : more}`);
      },
    });
  }

  note(label: string, text: string): void {
    this.report.notes.push({ label, text });
    this.#teller.fact(label, text);
  }

  alert(fields: Record<string, string>): void {
    this.report.alerts.push(fields);
    const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
    this.#teller.fact('Alert', lines.join('\n'));
  }

  /** Tells of everything that reached Sentry about this organization and was not told in full before. */
  otherAlerts(): void {
    const told = new Set(this.report.alerts.map(({ event_id }) => event_id));
    for (const { event } of this.product.sentry.events) {
      const {
        tags,
        level,
        message,
        event_id: id,
      } = event as Record<string, unknown> & { tags?: { organization?: string } };
      if (tags?.organization !== this.linked.organization || told.has(String(id))) continue;
      told.add(String(id));
      this.report.alerts.push({ level: String(level), message: String(message), event_id: String(id) });
      this.#teller.fact('Alert', `${level}: ${message}`);
    }
  }

  /** Something that has to be so. What is not ends the whole run with exit code 1, after everything was told. */
  expect(what: string, ok: boolean): void {
    this.report.checks.push({ ok, what });
    if (!ok) this.#teller.check(false, `expected: ${what}`);
  }

  /** Insists on what a caller was told. */
  expectAnswer(answer: Answer, expected: { http: number; status?: string; success?: boolean | null; code?: string }) {
    const { http, status, success, code } = expected;
    const right =
      answer.httpStatus === http &&
      (status === undefined || answer.status === status) &&
      (success === undefined || answer.success === success) &&
      (code === undefined || answer.code === code);
    const words = [String(http), status, success === undefined ? undefined : `success ${success}`, code];
    this.expect(`the caller is told ${words.filter((word) => word !== undefined).join(', ')}`, right);
  }

  /** The writes of this organization that reached Stripe, in order. */
  async writes(): Promise<RequestEntry[]> {
    const { requests } = await this.product.simulator.truth();
    return requests.filter(
      ({ method, path }) => method === 'POST' && path === `/v1/subscriptions/${this.linked.subscription}`,
    );
  }

  /** `seatbelt <words>`, as an operator types it. */
  async operator(...words: string[]) {
    return await commandLine(this.product.environment, words, this.signal);
  }

  /** What `seatbelt explain` says in one paragraph, or its headline. */
  async explain(paragraph?: 'whatIsOpen' | 'whatHappensNext'): Promise<string> {
    const { said, complained } = await this.operator('explain', this.linked.organization, '--json');
    if (said === '') throw new StoryFailed(`seatbelt explain said nothing: ${complained}`);
    const { explanation } = JSON.parse(said) as {
      explanation: { headline: string; whatIsOpen: string[]; whatHappensNext: string[] };
    };
    return paragraph === undefined ? explanation.headline : explanation[paragraph].join(' ');
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 9_950 ? 2 : 1)} s`;
}

export function sayAnswer({ httpStatus, status, code, success }: Answer): string {
  const words = [String(httpStatus), status, code === null ? null : `code ${code}`];
  if (success !== undefined) words.push(`success ${success}`);
  return words.filter((word) => word !== null).join(', ');
}

/** fetch says "fetch failed" for everything; what happened is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
