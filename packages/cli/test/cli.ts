import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Product } from '../../engine/test/product.ts';
import { run } from '../src/run.ts';

const bin = join(import.meta.dirname, '../src/bin.ts');

/** How one command line ended. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of a product's operator. */
export function environmentOf(product: Pick<Product, 'databaseUrl' | 'sim'>): Environment {
  return {
    DATABASE_URL: product.databaseUrl,
    STRIPE_SECRET_KEY: 'sk_test_engine',
    STRIPE_API_BASE: product.sim.url,
    SEATBELT_ENVIRONMENT: 'test',
  };
}

/** Starts the real program as a process of its own, with nothing of this process's environment but where programs are. */
export function start(env: Environment, args: readonly string[]): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [bin, ...args], { env: { PATH: process.env.PATH, ...env } });
}

/** Runs one command line to its end in this process, as the program does with its own streams and environment. */
export async function seatbelt(env: Environment, ...args: string[]): Promise<Ended> {
  let out = '';
  let err = '';
  const code = await run(args, {
    env: { PATH: process.env.PATH, ...env },
    async out(text) {
      out += text;
    },
    err(text) {
      err += text;
    },
    outIsTerminal: false,
    errIsTerminal: false,
    stopSignal: () => new Promise(() => {}),
  });
  return { code, out, err };
}

/** Runs one command line to its end as a process of its own: its streams, its exit code, and that it does end. */
export async function seatbeltProcess(env: Environment, ...args: string[]): Promise<Ended> {
  const child = start(env, args);
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject);
  child.once('close', resolve);
  return { code: await promise, out, err };
}

/** The one JSON document that a command printed. */
export function jsonOf<T = Record<string, unknown>>({ out }: Pick<Ended, 'out'>): T {
  return JSON.parse(out) as T;
}

/** The error that a command run with --json printed. */
export function errorOf({ err }: Pick<Ended, 'err'>): { code: string; message: string; stack?: string } {
  return (JSON.parse(err) as { error: { code: string; message: string } }).error;
}
