#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '12111' },
    host: { type: 'string', default: '127.0.0.1' },
    state: { type: 'string' },
    seed: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help) {
  console.log('stripe-sim [--port 12111] [--host 127.0.0.1] [--state file] [--seed n]');
} else {
  // Compiled code is kept from one start to the next, which halves the time until it listens. So it is loaded late.
  enableCompileCache();
  const { startStripeSim } = await import('./sim.ts');
  const sim = await startStripeSim({
    port: Number(values.port),
    host: values.host,
    ...(values.state === undefined ? {} : { stateFile: values.state }),
    ...(values.seed === undefined ? {} : { seed: Number(values.seed) }),
  });
  console.log(`stripe-sim listens on ${sim.url} (controls under ${sim.url}/_sim)`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void sim.close().then(() => process.exit(0));
    });
  }
}
