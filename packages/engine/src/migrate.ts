import { databaseOf } from './db/executor.ts';
import { migrate as migrateDatabase } from './store/migrate.ts';

/**
 * Brings the schema `seatbelt` up to date before anything of Seatbelt runs. Safe from several processes at once.
 * @param db a connection string, a `pg` pool or a `postgres` client.
 * @returns the names of the migrations that ran now, and how many there are.
 */
export async function migrate(db: Parameters<typeof databaseOf>[0]): Promise<{ ran: string[]; total: number }> {
  const database = databaseOf(db);
  try {
    return await migrateDatabase(database);
  } finally {
    await database.close();
  }
}
