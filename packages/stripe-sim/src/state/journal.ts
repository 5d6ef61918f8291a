import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import type { Store } from './store.ts';
import type { StoredTable } from './table.ts';

/** One committed transaction: rows as they are now, ids that are gone, and where clock and ids stood. */
interface Entry {
  now: number;
  ids: number;
  put: Record<string, { id: string }[]>;
  gone: Record<string, string[]>;
}

/** What a journal has to restore beside the rows. */
export interface Position {
  now: number;
  ids: number;
}

/** Rows in a line of a rewritten journal: lines stay short enough to be read one by one. */
const rowsPerLine = 1_000;

/**
 * Keeps the store on disk: one line for each commit, written before the answer goes out. The write is not forced to
 * the platter, so it survives the death of this process (kill -9), not the loss of power; a last line that was cut
 * short is a commit that nobody was told of, and is dropped.
 */
export class Journal {
  readonly #path: string;
  readonly #lockPath: string;
  readonly #position: () => Position;
  readonly #store: Store;
  #file: number | null = null;

  /** Throws when another living process keeps the same file. */
  constructor(parts: { path: string; store: Store; position: () => Position }) {
    this.#path = parts.path;
    this.#lockPath = `${parts.path}.lock`;
    this.#store = parts.store;
    this.#position = parts.position;
    this.#lock();
  }

  /** Loads what is there, rewrites it without history, and keeps every commit from now on. */
  open(): Position | null {
    const position = existsSync(this.#path) ? this.#load() : null;
    this.#rewrite(position ?? this.#position());
    this.#file = openSync(this.#path, 'a');
    this.#store.onCommit((changed) => this.#append(changed));
    return position;
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
    rmSync(this.#lockPath, { force: true });
  }

  #load(): Position | null {
    const tables = new Map(this.#store.tables.map((table) => [table.name, table]));
    let position: Position | null = null;
    for (const line of completeLines(this.#path)) {
      const entry = JSON.parse(line) as Entry;
      for (const [name, rows] of Object.entries(entry.put)) {
        const table = tableNamed(tables, name);
        for (const row of rows) table.load(row.id, row);
      }
      for (const [name, ids] of Object.entries(entry.gone)) {
        for (const id of ids) tableNamed(tables, name).load(id, undefined);
      }
      position = { now: entry.now, ids: entry.ids };
    }
    return position;
  }

  #append(changed: Map<string, Set<string>>): void {
    if (this.#file === null) return;
    const entry: Entry = { ...this.#position(), put: {}, gone: {} };
    for (const table of this.#store.tables) {
      const ids = changed.get(table.name);
      if (ids === undefined) continue;
      const rows: { id: string }[] = [];
      const gone: string[] = [];
      for (const id of ids) {
        const row = table.get(id);
        if (row === undefined) gone.push(id);
        else rows.push(row);
      }
      if (rows.length > 0) entry.put[table.name] = rows;
      if (gone.length > 0) entry.gone[table.name] = gone;
    }
    writeAll(this.#file, `${JSON.stringify(entry)}\n`);
  }

  /** Writes the present state into a new file and puts that in the place of the old one in a single step. */
  #rewrite(position: Position): void {
    const fresh = `${this.#path}.new`;
    // Made anew, because one that a kill has left keeps the mode that it has, and secrets of webhook endpoints go into it.
    rmSync(fresh, { force: true });
    const file = openSync(fresh, 'wx', 0o600);
    for (const table of this.#store.tables) {
      let rows: { id: string }[] = [];
      const write = () => {
        if (rows.length > 0)
          writeAll(file, `${JSON.stringify({ ...position, put: { [table.name]: rows }, gone: {} })}\n`);
        rows = [];
      };
      for (const row of table.values()) {
        rows.push(row);
        if (rows.length === rowsPerLine) write();
      }
      write();
    }
    fsyncSync(file);
    closeSync(file);
    renameSync(fresh, this.#path);
  }

  #lock(): void {
    if (existsSync(this.#lockPath)) {
      const holder = Number(readFileSync(this.#lockPath, 'utf8'));
      if (isAlive(holder)) throw new Error(`The state file ${this.#path} is kept by process ${holder}.`);
    }
    writeFileSync(this.#lockPath, String(process.pid));
  }
}

/**
 * The lines that end with a line break, one at a time: a file of a million subscriptions does not fit into a string.
 */
function* completeLines(path: string): IterableIterator<string> {
  const file = openSync(path, 'r');
  const chunk = Buffer.alloc(1 << 20);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) {
      const lines = (rest + decoder.write(chunk.subarray(0, size))).split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
  } finally {
    closeSync(file);
  }
}

/** `write` may take a part only. */
function writeAll(file: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}

function tableNamed(tables: Map<string, StoredTable>, name: string): StoredTable {
  const table = tables.get(name);
  if (table === undefined) throw new Error(`The state file has a table that this version does not know: ${name}`);
  return table;
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (failure) {
    // EPERM: it lives and belongs to somebody else. ESRCH: it is gone.
    return (failure as NodeJS.ErrnoException).code === 'EPERM';
  }
}
