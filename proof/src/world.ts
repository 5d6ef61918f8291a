/**
 * The world owns time and order. Everything that takes time is an event of it; between two events every promise that can
 * go on does so, in the order in which it was made ready. Nothing else is a source of order, so a seed replays exactly.
 */
export interface Happening {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
}

export class World {
  now: number;
  #heap: Happening[] = [];
  #order = 0;
  events = 0;
  /** Lines of the story, when somebody wants to read it. */
  readonly lines: string[] | null;
  readonly #began: number;
  readonly #outside = new Set<Promise<unknown>>();

  constructor(now: number, told: boolean) {
    this.now = now;
    this.#began = now;
    this.lines = told ? [] : null;
  }

  tell(who: string, what: () => string): void {
    if (this.lines === null) return;
    const passed = this.now - this.#began;
    const hours = Math.floor(passed / 3_600_000);
    const minutes = Math.floor((passed % 3_600_000) / 60_000);
    const seconds = ((passed % 60_000) / 1_000).toFixed(3).padStart(6, '0');
    this.lines.push(
      `${String(hours).padStart(2)}:${String(minutes).padStart(2, '0')}:${seconds}  ${who.padEnd(10)} ${what()}`,
    );
  }

  at(time: number, happen: () => void): void {
    this.#order += 1;
    push(this.#heap, { at: Math.max(time, this.now), order: this.#order, happen });
  }

  after(ms: number, happen: () => void): void {
    this.at(this.now + ms, happen);
  }

  /** Something real is under way, a statement at a real database: time stands still until it is over. */
  outside(work: Promise<unknown>): void {
    const over = work.finally(() => this.#outside.delete(over));
    this.#outside.add(over);
  }

  /** Until nothing can go on by itself, neither here nor outside. */
  async quiet(): Promise<void> {
    await settled();
    while (this.#outside.size > 0) {
      await Promise.all(this.#outside);
      // Sockets go on in ticks and turns of their own, so here a whole turn of the event loop has to pass.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  get next(): number | null {
    return this.#heap[0]?.at ?? null;
  }

  /** Lets the next event happen; false when there is none before `until`. */
  async step(until: number): Promise<boolean> {
    const first = this.#heap[0];
    if (first === undefined || first.at > until) return false;
    pop(this.#heap);
    this.now = first.at;
    this.events += 1;
    first.happen();
    await this.quiet();
    return true;
  }
}

/**
 * Until no promise can go on by itself: a tick that is asked for by a promise comes when all of them are through. A turn of the
 * event loop would say the same and costs more than the event itself; whoever plays many seeds has to let one pass between them.
 */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function before(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Happening[], item: Happening): void {
  let index = heap.length;
  heap.push(item);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !before(item, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = item;
}

function pop(heap: Happening[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let index = 0;
  for (;;) {
    const left = heap[2 * index + 1];
    if (left === undefined) break;
    const right = heap[2 * index + 2];
    const [child, at] = right !== undefined && before(right, left) ? [right, 2 * index + 2] : [left, 2 * index + 1];
    if (!before(child, last)) break;
    heap[index] = child;
    index = at;
  }
  heap[index] = last;
}
