import pg from 'pg';
import { withDatabase } from '../test-template.ts';

/**
 * A database of the lab's own beside the one that the product uses, on the same PostgreSQL. Its name follows from the
 * product's, so a run that was killed leaves at most one behind, and the next run starts by removing it.
 */
export async function labDatabase(productUrl: string): Promise<{ url: string; remove(): Promise<void> }> {
  const name = `${new URL(productUrl).pathname.slice(1)}_fault_lab`;
  const quoted = pg.escapeIdentifier(name);
  const drop = () => onProduct(productUrl, `drop database if exists ${quoted} with (force)`);
  await drop();
  await onProduct(productUrl, `create database ${quoted} template template0`);
  return { url: withDatabase(productUrl, name), remove: drop };
}

async function onProduct(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
