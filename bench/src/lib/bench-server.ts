import { privatePostgres, testDatabase } from '@seatbelt/dev/test-database';

/**
 * `own`: a PostgreSQL that nobody else uses and that waits for the disk, as a production server does. `shared`: a
 * database on the tests' server, which is there at once and does not wait; for quick runs, whose figures say nothing.
 */
export type BenchServer = 'own' | 'shared';

export async function benchServer(which: BenchServer): Promise<{ url: string; remove(): Promise<void> }> {
  if (which === 'shared') {
    const database = await testDatabase();
    return { url: database.url, remove: () => database.drop() };
  }
  const settings = { synchronous_commit: 'on', fsync: 'on', full_page_writes: 'on' };
  const server = await privatePostgres({ settings, onDisk: true });
  return { url: server.url, remove: () => server.remove() };
}
