#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { isAbsolute, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StripeSimOptions } from './sim.ts';

const usage = 'stripe-sim [--port 12111] [--host 127.0.0.1] [--state file] [--seed n]';
const largestPort = 65_535;

const typed = readOrTell();
if (typed?.help) console.log(usage);
else if (typed !== undefined) await listen(typed.options).catch((failure: unknown) => tell(1, failure));

/** What was typed wrong is said in a sentence, with the usage. */
function readOrTell() {
  try {
    return readArguments();
  } catch (failure) {
    tell(2, failure);
    console.error(usage);
    return undefined;
  }
}

function tell(status: number, failure: unknown): void {
  console.error(`stripe-sim: ${failure instanceof Error ? failure.message : String(failure)}`);
  process.exitCode = status;
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '12111' },
      host: { type: 'string', default: '127.0.0.1' },
      state: { type: 'string' },
      seed: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const { port, host, state, seed, help } = values;
  const options: StripeSimOptions = {
    port: wholeNumber('port', port, largestPort),
    host,
    ...(state === undefined ? {} : { stateFile: state }),
    ...(seed === undefined ? {} : { seed: wholeNumber('seed', seed, Number.MAX_SAFE_INTEGER) }),
  };
  return { help, options };
}

function wholeNumber(name: string, text: string, largest: number): number {
  if (!/^\d+$/.test(text) || Number(text) > largest) {
    throw new RangeError(`--${name} is a whole number from 0 to ${largest}, not ${text}`);
  }
  return Number(text);
}

async function listen(options: StripeSimOptions): Promise<void> {
  // Compiled code is kept from one start to the next, which halves the time until it listens. So it is loaded late. It is
  // kept where only this user writes: Node runs it, and its own choice is a known name in everybody's temporary folder.
  const { XDG_CACHE_HOME, HOME } = process.env;
  const caches = XDG_CACHE_HOME || (HOME ? join(HOME, '.cache') : '');
  if (isAbsolute(caches)) enableCompileCache(join(caches, 'stripe-sim'));
  const { startStripeSim } = await import('./sim.ts');
  const sim = await startStripeSim(options);
  console.log(`stripe-sim listens on ${sim.url} (controls under ${sim.url}/_sim)`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void sim.close().then(() => process.exit(0));
    });
  }
}
