/** Parts that go on until their time is up and tell when that was, for the test of the soak. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Part } from '../../src/gate/part.ts';

/** In milliseconds since 1970. */
export interface Told {
  readonly began: number;
  readonly until: number | null;
  readonly ended: number;
  readonly rehearsal: boolean;
}

function timed(name: string): Part {
  return {
    name,
    title: name,
    run: async (context) => {
      const began = Date.now();
      const { until } = context;
      if (until !== null) await pause(Math.max(until - began, 0));
      const told: Told = { began, until, ended: Date.now(), rehearsal: context.rehearsal };
      return { goals: [], violations: [], faults: 0, data: { told } };
    },
  };
}

export const first = timed('first');
export const second = timed('second');
export const beside = timed('beside');
