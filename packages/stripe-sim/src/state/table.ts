/** A table as the store and the journal see it, without knowing its rows. */
export interface StoredTable {
  readonly name: string;
  get(id: string): { id: string } | undefined;
  values(): Iterable<{ id: string }>;
  /** Undo of one write. */
  restore(id: string, before: unknown, place: number): void;
  /** A row, or its absence, as the journal has it. */
  load(id: string, row: unknown): void;
}

/** What a table tells the store about each write, so that a transaction can be undone and a journal kept. */
export interface ChangeListener {
  changed(table: StoredTable, id: string, before: unknown, place: number): void;
}

/**
 * Rows by id. Rows are immutable: a change is a new row under the same id, so an earlier row is at the same time the
 * undo information, the `previous` of an event and a safe snapshot for a reader.
 */
export class Table<Row extends { id: string }> implements StoredTable {
  readonly name: string;
  /** Where each row stands in creation order. A number for each id costs less than an object for each row. */
  readonly #places = new Map<string, number>();
  readonly #rows: (Row | null)[] = [];
  /** The first place that may still hold a row; places before it were given up from the old end. */
  #head = 0;
  readonly #indexes: Index<Row>[] = [];
  readonly #listener: ChangeListener;

  constructor(name: string, listener: ChangeListener) {
    this.name = name;
    this.#listener = listener;
  }

  /** Keeps an index on a field; rows whose key is null are left out. Declare before the first row is put. */
  index(keyOf: (row: Row) => string | null): Index<Row> {
    const index = new Index<Row>(keyOf, (id) => this.placeOf(id));
    this.#indexes.push(index);
    return index;
  }

  get size(): number {
    return this.#places.size;
  }

  get(id: string): Row | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : (this.#rows[place] ?? undefined);
  }

  /** The row that must be there; its absence is a bug of the simulator, not of the caller. */
  need(id: string): Row {
    const row = this.get(id);
    if (row === undefined) throw new Error(`invariant: ${this.name} ${id} is referred to but not stored`);
    return row;
  }

  has(id: string): boolean {
    return this.#places.has(id);
  }

  put(row: Row): Row {
    this.#listener.changed(this, row.id, this.get(row.id), this.placeOf(row.id));
    this.#write(row.id, row, this.#rows.length);
    return row;
  }

  remove(id: string): void {
    const before = this.get(id);
    if (before === undefined) return;
    this.#listener.changed(this, id, before, this.placeOf(id));
    this.#erase(id);
  }

  /** Undo of one write, called by the store in reverse order. */
  restore(id: string, before: unknown, place: number): void {
    if (before === undefined) this.#erase(id);
    // The store hands back what this table handed out, or what the journal wrote for this table.
    else this.#write(id, before as Row, place);
  }

  load(id: string, row: unknown): void {
    this.restore(id, row, this.#rows.length);
  }

  /** Rows newest first, starting behind the given row; the caller stops when it has enough. */
  *newestFirst(startingAfter?: string): IterableIterator<Row> {
    const from = startingAfter === undefined ? this.#rows.length : this.placeOf(startingAfter);
    for (let place = from - 1; place >= this.#head; place -= 1) {
      const row = this.#rows[place];
      if (row) yield row;
    }
  }

  /** Rows oldest first, starting behind the given row. */
  *oldestFirst(startingAfter?: string): IterableIterator<Row> {
    const from = startingAfter === undefined ? this.#head : this.placeOf(startingAfter) + 1;
    for (let place = from; place < this.#rows.length; place += 1) {
      const row = this.#rows[place];
      if (row) yield row;
    }
  }

  /** The place of a row in creation order; -1 when there is none. */
  placeOf(id: string): number {
    return this.#places.get(id) ?? -1;
  }

  values(): IterableIterator<Row> {
    return this.oldestFirst();
  }

  /** A row that is there keeps its place; one that comes back after an undone removal gets its old one again. */
  #write(id: string, row: Row, newPlace: number): void {
    const before = this.get(id);
    for (const index of this.#indexes) index.moved(id, before, row);
    const place = this.#places.get(id) ?? newPlace;
    while (this.#rows.length < place) this.#rows.push(null);
    this.#rows[place] = row;
    this.#places.set(id, place);
    if (place < this.#head) this.#head = place;
  }

  #erase(id: string): void {
    const place = this.#places.get(id);
    const row = this.get(id);
    if (place === undefined || row === undefined) return;
    for (const index of this.#indexes) index.moved(id, row, undefined);
    this.#places.delete(id);
    const rows = this.#rows;
    rows[place] = null;
    while (rows.length > 0 && rows[rows.length - 1] === null) rows.pop();
    while (this.#head < rows.length && rows[this.#head] === null) this.#head += 1;
    if (this.#head > rows.length) this.#head = rows.length;
  }
}

/**
 * Ids by a key. Most keys have exactly one id (a customer has one subscription), so a single id is kept as a plain
 * string: a million one-element sets would cost more than the rows.
 */
export class Index<Row extends { id: string }> {
  readonly #keyOf: (row: Row) => string | null;
  readonly #placeOf: (id: string) => number;
  readonly #ids = new Map<string, string | Set<string>>();

  constructor(keyOf: (row: Row) => string | null, placeOf: (id: string) => number) {
    this.#keyOf = keyOf;
    this.#placeOf = placeOf;
  }

  /** Ids under the key in the order of their rows, whatever came and went in between. */
  ids(key: string): string[] {
    const found = this.#ids.get(key);
    if (found === undefined) return [];
    if (typeof found === 'string') return [found];
    return [...found].sort((left, right) => this.#placeOf(left) - this.#placeOf(right));
  }

  moved(id: string, before: Row | undefined, after: Row | undefined): void {
    const keyBefore = before === undefined ? null : this.#keyOf(before);
    const keyAfter = after === undefined ? null : this.#keyOf(after);
    if (keyBefore === keyAfter) return;
    if (keyBefore !== null) this.#remove(keyBefore, id);
    if (keyAfter !== null) this.#add(keyAfter, id);
  }

  #add(key: string, id: string): void {
    const found = this.#ids.get(key);
    if (found === undefined) this.#ids.set(key, id);
    else if (typeof found === 'string') this.#ids.set(key, new Set([found, id]));
    else found.add(id);
  }

  #remove(key: string, id: string): void {
    const found = this.#ids.get(key);
    if (found === id) this.#ids.delete(key);
    else if (found instanceof Set) {
      found.delete(id);
      if (found.size === 0) this.#ids.delete(key);
    }
  }
}
