import type { PostgresJsTransaction } from './postgres-js.ts';
import type { Executor, Row } from './types.ts';

/** What a bare function or a client answers: rows, or an object with them. */
export type RowsAnswer = readonly Row[] | { readonly rows: readonly Row[]; readonly rowCount?: number | null };

/**
 * What a command's `{ db }` accepts: the host's open transaction, in the terms of its own library. The same statements
 * run there; nothing here begins, commits or rolls back.
 *
 * - `pg`: a client with an open transaction
 * - `postgres`: the `sql` that `begin` gives
 * - Drizzle: the `tx` that `transaction` gives
 * - Kysely: the `trx` that `transaction().execute` gives
 * - Prisma: the `tx` that `$transaction` gives
 * - anything else: `{ executeSql(text, values) }`, or a function `(text, values) => rows`
 */
export type HostDb =
  | Executor
  | PostgresJsTransaction
  | { query(text: string, values?: never[]): unknown }
  | { execute(query: never): unknown }
  | { executeQuery(query: never): unknown }
  | { $queryRawUnsafe(text: string, ...values: never[]): unknown }
  | ((text: string, values: readonly unknown[]) => Promise<RowsAnswer>);

/**
 * The one way to run statements, made from whatever the host gave. Libraries are told apart by their shape and never
 * imported. Errors are the library's own and come out unchanged, because they are the host's to handle.
 * @throws TypeError where it is none of the above.
 */
export function executorOf(db: HostDb): Executor {
  if (has(db, 'executeSql')) return db as Executor;
  if (has(db, 'unsafe')) return onPostgresJs(db as PostgresJsTransaction);
  if (has(db, '$queryRawUnsafe')) {
    const prisma = db as { $queryRawUnsafe(text: string, ...values: unknown[]): Promise<unknown> };
    return executor((text, values) => prisma.$queryRawUnsafe(text, ...values));
  }
  if (has(db, 'executeQuery')) return onKysely(db as KyselyLike);
  if (has(db, 'query')) {
    const client = db as { query(text: string, values: unknown[]): Promise<unknown> };
    return executor((text, values) => client.query(text, [...values]));
  }
  if (has(db, 'execute')) return onDrizzle(db as DrizzleLike);
  if (typeof db === 'function') return executor(db as (text: string, values: readonly unknown[]) => Promise<unknown>);
  throw new TypeError(
    'This is no database that Seatbelt knows. Give a transaction of pg, postgres, Drizzle, Kysely or Prisma, an object with executeSql(text, values), or a function of (text, values).',
  );
}

function onPostgresJs(sql: PostgresJsTransaction): Executor {
  const transform = (sql as { options?: { transform?: { column?: { from?: unknown } } } }).options?.transform;
  if (transform?.column?.from) throw renamesColumns();
  return executor((text, values) =>
    // Unnamed statements work behind every pooler.
    Promise.resolve(sql.unsafe(jsonAsText(text), values.map(listAsText) as never[], { prepare: false })),
  );
}

interface KyselyLike {
  withoutPlugins?(): KyselyLike;
  executeQuery(query: unknown): Promise<unknown>;
}

function onKysely(db: KyselyLike): Executor {
  // Plugins rewrite results (CamelCasePlugin renames columns), and these statements are not the host's.
  const plain = db.withoutPlugins?.() ?? db;
  return executor((text, values) => {
    const sql = jsonAsText(text);
    // What Kysely's CompiledQuery.raw makes.
    return plain.executeQuery({
      sql,
      parameters: values.map(listAsText),
      query: { kind: 'RawNode', sqlFragments: [sql], parameters: [] },
      queryId: { queryId: crypto.randomUUID() },
    });
  });
}

interface DrizzleLike {
  execute(query: unknown): Promise<unknown>;
}

function onDrizzle(db: DrizzleLike): Executor {
  return executor((text, values) =>
    // Drizzle asks a query for its SQL and the SQL for its text; this one has it ready.
    db.execute({
      getSQL: () => ({ toQuery: () => ({ sql: jsonAsText(text), params: values.map(listAsText), typings: [] }) }),
    }),
  );
}

/**
 * `$1::jsonb` makes the server call the parameter jsonb, and some libraries then turn what they are given into JSON: text
 * that is JSON already becomes a JSON string. Declared as text first, it is passed on as it is.
 */
function jsonAsText(text: string): string {
  return text.replaceAll(/(\$\d+)::(jsonb?)\b/g, '$1::text::$2');
}

/**
 * A list as PostgreSQL writes an array. `postgres`, alone or below a query builder, knows how to write one only where it has
 * asked the server for the types of arrays (`fetch_types`, which hosts turn off); text it passes on as it is.
 */
function listAsText(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const written = value.map((item) => (item === null ? 'null' : `"${String(item).replaceAll(/["\\]/g, '\\$&')}"`));
  return `{${written.join(',')}}`;
}

/**
 * Rows are told apart by the names of their columns, and nobody guesses what a row without them means.
 * @throws TypeError where a column that the statement names is not in its row.
 */
export function withColumns(row: Row, ...columns: readonly string[]): Row {
  if (!columns.every((column) => column in row)) throw renamesColumns();
  return row;
}

function renamesColumns(): TypeError {
  return new TypeError(
    'The database given to Seatbelt renames columns, as a `postgres` client with `transform` does, so its rows could not be read. Give one without.',
  );
}

function executor(run: (text: string, values: readonly unknown[]) => Promise<unknown>): Executor {
  return {
    async executeSql(text, values) {
      return readRows(await run(text, values));
    },
  };
}

/** Reads the answer of any of the libraries: an array of rows that may know a count, or an object that holds rows. */
function readRows(answer: unknown): { rows: Row[]; rowCount: number } {
  if (Array.isArray(answer)) {
    const { count } = answer as { count?: unknown };
    return { rows: [...answer], rowCount: typeof count === 'number' ? count : answer.length };
  }
  if (typeof answer === 'object' && answer !== null && 'rows' in answer && Array.isArray(answer.rows)) {
    const { rowCount, numAffectedRows } = answer as { rowCount?: unknown; numAffectedRows?: unknown };
    const told = rowCount ?? numAffectedRows;
    const count = typeof told === 'bigint' || typeof told === 'number' ? Number(told) : answer.rows.length;
    return { rows: [...answer.rows], rowCount: count };
  }
  throw new TypeError('The database given to Seatbelt answered neither with rows nor with an object that holds rows.');
}

function has(db: unknown, method: string): boolean {
  if ((typeof db !== 'object' && typeof db !== 'function') || db === null) return false;
  return typeof (db as Record<string, unknown>)[method] === 'function';
}
