/** A moment at which something may be due. */
export interface Due {
  at: number;
  kind: 'subscription' | 'invoice' | 'schedule';
  id: string;
}

/** At one moment schedules come first: a new phase must be in place before the period it opens is invoiced. */
const rank = { schedule: 0, subscription: 1, invoice: 2 };

function before(left: Due, right: Due): boolean {
  return left.at < right.at || (left.at === right.at && rank[left.kind] < rank[right.kind]);
}

/** A binary heap, earliest first. Entries are hints: whoever takes one asks the row whether it is still due. */
export class DueHeap {
  readonly #entries: Due[] = [];

  get first(): Due | undefined {
    return this.#entries[0];
  }

  push(entry: Due): void {
    const entries = this.#entries;
    let place = entries.length;
    entries.push(entry);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = entries[parent];
      if (above === undefined || !before(entry, above)) break;
      entries[place] = above;
      place = parent;
    }
    entries[place] = entry;
  }

  take(): Due | undefined {
    const entries = this.#entries;
    const first = entries[0];
    const last = entries.pop();
    if (first === undefined || last === undefined || entries.length === 0) return first;
    let place = 0;
    for (;;) {
      let child = place * 2 + 1;
      const left = entries[child];
      if (left === undefined) break;
      const right = entries[child + 1];
      if (right !== undefined && before(right, left)) child += 1;
      const smaller = entries[child];
      if (smaller === undefined || !before(smaller, last)) break;
      entries[place] = smaller;
      place = child;
    }
    entries[place] = last;
    return first;
  }
}
