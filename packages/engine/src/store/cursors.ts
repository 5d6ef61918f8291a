import type { Executor } from '../db/executor.ts';

/** Takes a turn at something that one process does for all, not before its time. null: it is not time yet. */
export async function takeTurn(
  db: Executor,
  name: string,
  everyMs: number,
): Promise<{ readonly position: string | null } | null> {
  const { rows } = await db.executeSql(
    /* sql */ `
insert into seatbelt.cursors as c (name, next_at) values ($1, now() + $2 * interval '1 millisecond')
on conflict (name) do update set next_at = excluded.next_at where c.next_at <= now()
returning position`,
    [name, everyMs],
  );
  const row = rows[0];
  return row ? { position: row.position === null ? null : String(row.position) } : null;
}

/** Remembers how far it is. `from`: nobody else has moved it since, or nothing is written. */
export async function moveCursor(db: Executor, name: string, from: string | null, to: string | null): Promise<boolean> {
  const { rows } = await db.executeSql(
    /* sql */ `
update seatbelt.cursors set position = $3, updated_at = now()
 where name = $1 and position is not distinct from $2
returning 1 as moved`,
    [name, from, to],
  );
  return rows.length === 1;
}

/** The next turn is now. */
export async function turnNow(db: Executor, name: string): Promise<void> {
  await db.executeSql(
    /* sql */ `
insert into seatbelt.cursors (name) values ($1) on conflict (name) do update set next_at = now()`,
    [name],
  );
}
