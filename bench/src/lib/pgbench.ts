import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function pgbenchVersion(): string | null {
  const asked = spawnSync('pgbench', ['--version'], { encoding: 'utf8' });
  return asked.status === 0 ? asked.stdout.trim() : null;
}

/**
 * Runs a script with prepared statements (the fastest mode that pgbench has for it) and gives the runs of the script per
 * second and the mean time of one in milliseconds. The variables of `\gset` are sent as parameters.
 *
 * @throws Error with pgbench's own words when it gives no rate or when a client of it gave up.
 */
export async function pgbench(
  url: string,
  script: string,
  load: { readonly clients: number; readonly seconds: number },
): Promise<{ perSecond: number; meanMs: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'seatbelt-bench-'));
  try {
    const file = join(folder, 'change.sql');
    await writeFile(file, script);
    const target = new URL(url);
    const threads = Math.min(2, load.clients);
    const child = spawn(
      'pgbench',
      ['-n', '-M', 'prepared', '-f', file, '-c', `${load.clients}`, '-j', `${threads}`, '-T', `${load.seconds}`].concat(
        target.pathname.slice(1),
      ),
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          PGHOST: target.hostname,
          PGPORT: target.port,
          PGUSER: decodeURIComponent(target.username),
          PGPASSWORD: decodeURIComponent(target.password),
        },
      },
    );
    const [stdout, stderr, code] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject)),
    ]);
    const perSecond = Number(/tps = ([\d.]+)/.exec(stdout)?.[1]);
    const meanMs = Number(/latency average = ([\d.]+) ms/.exec(stdout)?.[1]);
    if (code !== 0 || !(perSecond > 0)) throw new Error(`pgbench gave no rate:\n${stderr}\n${stdout}`);
    return { perSecond, meanMs };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const part of stream) text += String(part);
  return text;
}
