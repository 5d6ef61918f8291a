import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import { serverProcesses } from '../src/embedded-postgres/running.ts';
import { freePort } from '../src/free-port.ts';
import { environmentWithOurTools, repositoryRoot } from '../src/repository.ts';
import { identify, type KernelProcess } from '../src/supervisor/kernel-process.ts';
import type { Running } from '../src/supervisor/leftovers.ts';

/** `npm start` as a process, seen from outside. Whoever imports this leaves nothing running and nothing on disk. */

export const program = join(repositoryRoot, 'packages/dev/src/start.ts');
export const scratch = mkdtempSync(join(tmpdir(), 'seatbelt-start-'));

// A test that failed in the middle must not leave its product to the next one.
const products: Product[] = [];
afterEach(async () => {
  for (const { process: supervisor, ended } of products.splice(0)) {
    if (supervisor.exitCode === null && supervisor.signalCode === null) supervisor.kill('SIGINT');
    await ended;
  }
});

after(() => {
  for (const folder of stateFolders) {
    const cluster = join(folder, 'postgres');
    // As root it may be a symlink to a place that the server's user can reach.
    if (existsSync(cluster)) rmSync(realpathSync(cluster), { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
  }
  rmSync(scratch, { recursive: true, force: true });
});

export const stateFolders: string[] = [];

export function newStateFolder(): string {
  const folder = join(scratch, `state-${stateFolders.length}`);
  stateFolders.push(folder);
  return folder;
}

/** The environment of a machine on which nothing of ours is configured. */
export function bareEnvironment(own: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  return environmentWithOurTools({ PATH, HOME, NODE_COMPILE_CACHE, ...own });
}

export type Product = {
  process: ChildProcess;
  url: string;
  state: string;
  lines: string[];
  /** Resolves with the exit code when the supervisor has ended. */
  ended: Promise<number | null>;
};

export async function start(own: Record<string, string>, command = [process.execPath, program]): Promise<Product> {
  const port = own.PORT ?? String(await freePort());
  const [executable = '', ...flags] = command;
  const child = spawn(executable, flags, {
    cwd: repositoryRoot,
    env: bareEnvironment({ PORT: port, ...own }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const { promise: up, resolve } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (/Seatbelt is running[.:]/.test(line)) resolve();
    });
  }
  const product = {
    process: child,
    url: `http://127.0.0.1:${port}`,
    state: own.SEATBELT_STATE_DIR ?? '',
    lines,
    ended,
  };
  products.push(product);
  const how = await Promise.race([up.then(() => 'up'), ended]);
  assert.equal(how, 'up', `npm start ended instead of starting:\n${lines.join('\n')}`);
  return product;
}

/** Starts what is expected to end by itself, and returns everything that it said. */
export async function startInVain(
  own: Record<string, string>,
  user: { uid?: number; gid?: number } = {},
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, [program], {
    ...user,
    cwd: repositoryRoot,
    env: bareEnvironment({ SEATBELT_STATE_DIR: newStateFolder(), ...own }),
    stdio: ['ignore', 'pipe', 'pipe'],
    // One that hangs is a failure with what it said, and not the end of the whole file.
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  const [code] = await once(child, 'close');
  return { code, said };
}

export async function stop(product: Product, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  product.process.kill(signal);
  assert.equal(await product.ended, 0, product.lines.join('\n'));
}

export function running(product: Product): Running {
  return JSON.parse(readFileSync(join(product.state, 'running.json'), 'utf8'));
}

/** All processes of a product: the supervisor, its children, and the database. */
export async function everyProcess(product: Product): Promise<KernelProcess[]> {
  const { supervisor, children } = running(product);
  const postgres = await serverProcesses(realpathSync(join(product.state, 'postgres')));
  const all = [supervisor, ...children, ...postgres.map(identify)].filter((each) => each !== undefined);
  assert.ok(all.length >= 4, 'supervisor, worker, dashboard and postmaster');
  return all;
}

export function apiKey(product: Product): string {
  return JSON.parse(readFileSync(join(product.state, 'secrets.json'), 'utf8')).apiKey;
}

/** What a shell has once it sourced the file that `npm start` names. */
export function sourced(product: Product): Record<string, string> {
  return parseEnv(readFileSync(join(product.state, 'environment'), 'utf8')) as Record<string, string>;
}

export function asServer(key: string, organization: string): Record<string, string> {
  return {
    authorization: `Bearer ${key}`,
    'seatbelt-organization': organization,
    'content-type': 'application/json',
  };
}

export async function seats(product: Product, organization: string): Promise<Record<string, number>> {
  const headers = asServer(apiKey(product), organization);
  const answer = await fetch(`${product.url}/api/billing/seats`, { headers });
  assert.equal(answer.status, 200, await answer.clone().text());
  return (await answer.json()) as Record<string, number>;
}

/** Waits for something that nobody tells us about, with a bound. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `not within ${withinMs} ms: ${what}`);
    await pause(25);
  }
}
