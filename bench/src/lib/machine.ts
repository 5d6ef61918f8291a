import { cpus, freemem, loadavg, platform, release, totalmem } from 'node:os';
import pg from 'pg';
import { benchServer } from './bench-server.ts';
import { round } from './figures.ts';

/** What a figure depends on beside the code. No names of the machine or of its user. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly freeMemoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly postgres: string;
}

export async function machine(): Promise<Machine> {
  const server = await benchServer('shared');
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  await client.end();
  await server.remove();
  const processors = cpus();
  return {
    cores: processors.length,
    processor: processors[0]?.model ?? 'unknown',
    memoryGiB: round(totalmem() / 2 ** 30, 1),
    freeMemoryGiB: round(freemem() / 2 ** 30, 1),
    system: `${platform()} ${release()}`,
    node: process.version,
    postgres: rows[0]?.server_version ?? 'unknown',
  };
}

/** Processes that ran or wanted to, over the last minute. Above the number of cores, absolute figures are too bad. */
export function load(): number {
  return round(loadavg()[0] ?? Number.NaN);
}
