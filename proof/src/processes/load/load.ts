import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../random.ts';
import type { AgreedOrganization, Attempt, Peek, Story } from '../checker/evidence.ts';
import { ask, heardOf } from './ask.ts';
import { Wishes } from './wishes.ts';

/** Where a client can go, and which process is behind it at the moment, where that is known. */
export interface OpenDoor {
  readonly port: number;
  readonly pid: number | null;
}

export interface LoadOptions {
  readonly doors: () => readonly OpenDoor[];
  readonly apiKey: string;
  readonly random: Random;
  readonly organizations: readonly AgreedOrganization[];
  /** Stories begun in a second, while there are fewer than `atOnce` under way. */
  readonly perSecond: number;
  readonly atOnce: number;
}

/** A client gives up on a single request after this and asks again, somewhere else if it can. */
const clientTimeoutMs = 5_000;
const waitSeconds = [1, 2, 3] as const;
const pauseBetweenAttemptsMs = [200, 1_500] as const;
/** A client that is told that nothing was written is content with that, so often. */
const givesUpWhenNothingWritten = 0.3;

/** Clients with keys who ask until they know, and who write down everything they are told. */
export class Load {
  readonly stories: Story[] = [];
  readonly peeks: Peek[] = [];
  readonly #options: LoadOptions;
  readonly #wishes: Wishes;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #telling = new Set<Promise<void>>();
  /** Requests under way, by the process that has them. */
  readonly #asking = new Map<number, number>();
  readonly #waiting = new Set<() => void>();
  #answers = 0;
  readonly #stopping = new AbortController();
  #begun = false;
  #beginning: Promise<void> | null = null;
  #patient = true;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#wishes = new Wishes(options.random, options.organizations);
  }

  /** Requests that this process has not answered yet. */
  askedOf(pid: number): number {
    return this.#asking.get(pid) ?? 0;
  }

  /** Resolves when clients have had so many more answers, or when that takes too long: then there is nothing to wait for. */
  async whenAnswered(more: number, withinMs: number): Promise<void> {
    const goal = this.#answers + more;
    const late = new AbortController();
    const tooLong = pause(withinMs, undefined, { signal: late.signal }).catch((error: unknown) => {
      if (!late.signal.aborted) throw error;
    });
    let over = false;
    void tooLong.then(() => {
      over = true;
      this.#wake();
    });
    while (this.#answers < goal && !over) await new Promise<void>((resolve) => this.#waiting.add(resolve));
    late.abort();
    await tooLong;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  start(): void {
    if (this.#begun) throw new Error('The load has begun already.');
    this.#begun = true;
    this.#beginning = this.#begin();
  }

  /** No new stories from now on. Those under way go on until they know; that may take as long as the faults do. */
  async stopBeginning(): Promise<void> {
    this.#stopping.abort();
    await this.#beginning;
  }

  /** Ends what is still asking; what nobody knows then is asked once more in {@link askAgain}. */
  async stop(): Promise<void> {
    await this.stopBeginning();
    this.#patient = false;
    await Promise.all(this.#telling);
  }

  /** Whatever comes of the run: nobody asks any more. */
  close(): void {
    this.#stopping.abort();
    this.#patient = false;
    this.#agent.destroy();
  }

  /**
   * After everything has come to rest: every story whose end its client does not know for sure is asked once more with its
   * key, and so many of the others too, who have to hear what they heard before.
   */
  async askAgain(others: number): Promise<void> {
    const known = (story: Story) => isDefinite(story.attempts);
    const rest = this.stories.filter(known);
    const again = new Set(this.stories.filter((story) => !known(story)));
    for (let index = 0; index < others && rest.length > 0; index += 1) again.add(this.#options.random.pick(rest));
    const waiting = [...again].values();
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        for (const story of waiting) {
          for (let tries = 0; tries < 10 && !isDefinite(story.afterwards); tries += 1) {
            story.afterwards.push(await this.#attempt(story, 10));
          }
        }
      }),
    );
  }

  async #begin(): Promise<void> {
    const { random, perSecond, atOnce } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await pause((1_000 / perSecond) * random.next() * 2, undefined, { signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
      if (signal.aborted || this.#telling.size >= atOnce) continue;
      const story = this.#wishes.next();
      this.stories.push(story);
      const telling = this.#tell(story).finally(() => this.#telling.delete(telling));
      this.#telling.add(telling);
    }
  }

  async #tell(story: Story): Promise<void> {
    const { random } = this.#options;
    for (;;) {
      const attempt = await this.#attempt(story, random.pick(waitSeconds));
      story.attempts.push(attempt);
      if (isDefinite(story.attempts)) {
        const { heard } = attempt;
        this.#wishes.ended(story, heard.is === 'change' && heard.status === 'applied');
        if (random.chance(0.3)) await this.#peek(story.organization);
        return;
      }
      const content = attempt.heard.is === 'nothing_written' && random.chance(givesUpWhenNothingWritten);
      if (content || !this.#patient) return;
      const [least, most] = pauseBetweenAttemptsMs;
      await pause(random.between(least, most));
      if (!this.#patient) return;
    }
  }

  async #attempt(story: Story, wait: number): Promise<Attempt> {
    const { doors, apiKey, random } = this.#options;
    const { port, pid } = random.pick(doors());
    if (pid !== null) this.#asking.set(pid, this.askedOf(pid) + 1);
    const sentAt = Date.now();
    const came = await ask({
      port,
      method: story.method,
      path: '/api/billing/seats',
      organization: story.organization,
      apiKey,
      key: story.key,
      body: story.body,
      waitSeconds: wait,
      timeoutMs: clientTimeoutMs + wait * 1_000,
      agent: this.#agent,
    });
    if (pid !== null) this.#asking.set(pid, this.askedOf(pid) - 1);
    if (came.is === 'answer') {
      this.#answers += 1;
      this.#wake();
    }
    return { pid, sentAt, heardAt: Date.now(), heard: heardOf(came) };
  }

  async #peek(organization: string): Promise<void> {
    const { doors, apiKey, random } = this.#options;
    const came = await ask({
      port: random.pick(doors()).port,
      method: 'GET',
      path: '/api/billing/seats',
      organization,
      apiKey,
      timeoutMs: clientTimeoutMs,
      agent: this.#agent,
    });
    if (came.is !== 'answer' || came.http !== 200) return;
    const body = came.body as Record<string, unknown>;
    this.peeks.push({
      at: Date.now(),
      organization,
      assigned: Number(body.assignedSeats),
      used: Number(body.usedSeats),
      settled: Number(body.settledSeats),
      purchased: Number(body.purchasedSeats),
    });
  }
}

/**
 * Whether these attempts leave nothing open: the last one brought an end. A refusal is one only if no earlier attempt may
 * have been written, for that one may still arrive.
 */
export function isDefinite(attempts: readonly Attempt[]): boolean {
  const last = attempts.at(-1)?.heard;
  if (last === undefined) return false;
  if (last.is === 'change') return last.status === 'applied' || last.status === 'rolled_back';
  const earlier = attempts.slice(0, -1).every(({ heard }) => heard.is === 'refused' || heard.is === 'nothing_written');
  return last.is === 'refused' && earlier;
}
