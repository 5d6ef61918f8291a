import type { World } from '../world.ts';
import { Agenda } from './agenda.ts';
import { finishAdvance } from './test-clocks.ts';

/** Timers cannot wait longer than this; a later moment is simply looked at again. */
const longestTimerMs = 2_000_000_000;

/** Moves everything that time moves: the virtual clock's agenda as it runs or is advanced, and test clocks. */
export class Clockwork {
  readonly #world: World;
  readonly agenda: Agenda;
  #timer: NodeJS.Timeout | null = null;
  #timerAt = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(world: World) {
    this.#world = world;
    this.agenda = new Agenda(world);
    world.store.onCommit((changed) => {
      for (const clockId of changed.get(world.store.testClocks.name) ?? []) this.#finishSoon(clockId);
      this.#arm();
    });
    world.clock.onAdvance = (toMs) => this.#advance(toMs);
  }

  /** Does what became due by itself; called before each request, so that no answer shows a state of the past. */
  tick(): void {
    const due = this.agenda.nextDue();
    const now = this.#world.clock.now();
    if (due !== undefined && due <= now) this.agenda.run(now);
  }

  /** Takes up what a loaded state left open. */
  resume(): void {
    this.agenda.noteAll();
    for (const clock of this.#world.store.testClocks.values()) {
      if (clock.status === 'advancing') this.#finishSoon(clock.id);
    }
    this.#arm();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** From moment to moment: an event goes out at its own time and is tried again at the times of its retries. */
  async #advance(toMs: number): Promise<void> {
    const { clock, events } = this.#world;
    const to = Math.floor(toMs / 1000);
    while (!this.#stopped) {
      const due = Math.min(this.agenda.nextDue() ?? to, events.nextDue() ?? to, to);
      this.agenda.run(due, undefined, (at) => clock.moveTo(at * 1000));
      clock.moveTo(due * 1000);
      const delivery = events.nextDue();
      if (delivery !== undefined && delivery <= due) await events.flush();
      else if (due === to) break;
    }
    clock.moveTo(toMs);
    await events.flush();
  }

  #finishSoon(clockId: string): void {
    if (this.#world.store.testClocks.get(clockId)?.status !== 'advancing') return;
    setImmediate(() => {
      if (!this.#stopped) finishAdvance(this.#world, this.agenda, clockId);
    });
  }

  /** A timer for the next moment, so that renewals happen although nobody asks. */
  #arm(): void {
    const due = this.agenda.nextDue();
    if (due === undefined || due === this.#timerAt || this.#stopped) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerAt = due;
    const waitMs = Math.min(Math.max(due * 1000 - this.#world.clock.nowMs(), 0), longestTimerMs);
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.tick();
      this.#arm();
    }, waitMs);
    this.#timer.unref();
  }
}
