import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TickReport } from './duties/tick.ts';
import { Worker } from './worker.ts';

function report(moreDue: boolean): TickReport {
  return {
    accounts: { claimed: 1, failed: 0, moreDue },
    hostEvents: { delivered: 0, failed: 0 },
    alerts: { told: 0, left: 0 },
    events: null,
    firstPurchases: null,
    duplicates: null,
    sweep: null,
    tookMs: 1,
  };
}

test('a worker waits between two rounds, but not while others are still due', async () => {
  const happened: string[] = [];
  const rounds = [report(true), report(true), report(false)];
  const waited = Promise.withResolvers<void>();
  const worker = new Worker({
    tick: async () => {
      happened.push('round');
      return rounds.shift() ?? report(false);
    },
    pollMs: 2_000,
    logger: { debug() {}, info() {}, warn() {}, error() {}, fatal() {} },
    wait: (ms) => {
      happened.push(`wait ${ms}`);
      waited.resolve();
      return new Promise(() => undefined);
    },
    closing: () => false,
  });
  await waited.promise;
  await worker.stop();
  assert.deepEqual(happened, ['round', 'round', 'round', 'wait 2000']);
});

test('a round that goes on hears that its worker was asked to stop', async () => {
  const begun = Promise.withResolvers<void>();
  const worker = new Worker({
    tick: async (stopped) => {
      begun.resolve();
      while (!stopped()) await new Promise(setImmediate);
      return report(true);
    },
    pollMs: 2_000,
    logger: { debug() {}, info() {}, warn() {}, error() {}, fatal() {} },
    wait: () => new Promise(() => undefined),
    closing: () => false,
  });
  await begun.promise;
  await worker.stop();
});
