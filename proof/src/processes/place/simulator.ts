import { join } from 'node:path';
import { repositoryRoot } from '@seatbelt/dev/repository';
import { type StripeSimClient, stripeSimClient } from '@seatbelt/stripe-sim';
import type { Children, RunningChild } from './children.ts';

const program = join(repositoryRoot, 'packages/stripe-sim/src/bin.ts');

/** Stripe's stand-in as a process of its own. What it was told survives its death: subscriptions, keys, events. */
export interface SimulatorProcess {
  /** null while it is down. */
  readonly port: number | null;
  /** Its controls, past every proxy. */
  readonly controls: StripeSimClient;
  /** SIGKILL, then another process on the same state. Resolves when that one listens. */
  restart(): Promise<void>;
}

export async function startSimulator(children: Children, stateFile: string, seed: number): Promise<SimulatorProcess> {
  const start = async (): Promise<{ child: RunningChild; url: string; port: number }> => {
    const child = await children.start(
      [program, '--port', '0', '--state', stateFile, '--seed', String(seed)],
      process.env,
    );
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(child.said)?.[0];
    if (url === undefined) throw new Error(`The simulator did not say where it listens: ${child.said}`);
    return { child, url, port: Number(new URL(url).port) };
  };
  let running = await start();
  let up = true;
  return {
    get port() {
      return up ? running.port : null;
    },
    get controls() {
      return stripeSimClient(running.url);
    },
    async restart() {
      up = false;
      running.child.process.kill('SIGKILL');
      await running.child.gone;
      running = await start();
      up = true;
    },
  };
}
