/** The common rate at Stripe: who may ask when, what a lower kind gets all the same, and how "too many requests" slows all. */
import assert from 'node:assert/strict';
import type { TurnKind } from '../../../packages/engine/src/store/stripe-rate.ts';
import type { Case } from './cases.ts';
import type { Subject } from './subject.ts';

const recoversPerSecond = 0.05;
const second = 1_000;

/** One turn in 100 ms. Times are told in whole milliseconds; a database keeps them in millionths of a second. */
async function take(
  subject: Subject,
  kind: TurnKind,
  count: number,
  aheadMs: number,
): Promise<readonly [granted: number, waitMs: number, intervalMs: number]> {
  const wanted = { kind, count, intervalMs: 100, aheadMs, share: 0.1, recoversPerSecond };
  const { granted, waitMs, intervalMs } = await subject.takeTurns(wanted);
  return [granted, Math.round(waitMs), Math.round(intervalMs)];
}

export const turnsCases: readonly Case[] = [
  {
    name: 'turns follow one another, as far ahead as the kind may reach, and what was not used is not saved up',
    async run(subject) {
      const first = await take(subject, 'interactive', 3, 1_000);
      assert.deepEqual(first, [3, 0, 100]);
      const behind = await take(subject, 'interactive', 100, 1_000);
      assert.deepEqual(behind, [8, 300, 100], 'at 300, 400 and so on up to 1,000');
      const none = await take(subject, 'interactive', 1, 1_000);
      assert.deepEqual(none, [0, 1_100, 100]);
      await subject.pass(60 * second);
      const later = await take(subject, 'interactive', 2, 0);
      assert.deepEqual(later, [1, 0, 100]);
      return [first, behind, none, later];
    },
  },
  {
    name: 'recovery and the sweep get a tenth of the rate although others are before them',
    async run(subject) {
      const told = [await take(subject, 'interactive', 50, 5_000)];
      for (const kind of ['recovery', 'recovery', 'sweep', 'sweep'] as const)
        told.push(await take(subject, kind, 5, 50));
      assert.deepEqual(
        told.map(([granted]) => granted),
        [50, 1, 0, 1, 0],
      );
      await subject.pass(999);
      told.push(await take(subject, 'recovery', 1, 50));
      await subject.pass(1);
      told.push(await take(subject, 'recovery', 1, 50));
      assert.deepEqual(
        told.slice(-2).map(([granted]) => granted),
        [0, 1],
      );
      return told;
    },
  },
  {
    name: 'a "too many requests" slows everybody once a second, down to the least, and wears off',
    async run(subject) {
      await subject.pass(2 * second);
      const told = [await take(subject, 'interactive', 1, 0)];
      for (let times = 0; times < 3; times += 1) await subject.slowDown(0.5, 0.4, recoversPerSecond);
      told.push(await take(subject, 'interactive', 1, 1_000));
      assert.deepEqual(
        told.map(([, , intervalMs]) => intervalMs),
        [100, 200],
        'once, however many have met the limit',
      );
      await subject.pass(2 * second);
      await subject.slowDown(0.5, 0.4, recoversPerSecond);
      told.push(await take(subject, 'interactive', 1, 1_000));
      assert.equal(told.at(-1)?.[2], 250, 'not below the least');
      await subject.pass(6 * second);
      told.push(await take(subject, 'interactive', 1, 1_000));
      assert.equal(told.at(-1)?.[2], Math.round(100 / 0.7));
      await subject.pass(60 * second);
      told.push(await take(subject, 'interactive', 1, 1_000));
      assert.equal(told.at(-1)?.[2], 100);
      return told;
    },
  },
  {
    name: 'a clock that is put back stops nobody: neither the rate nor turns that were taken by the clock of before',
    async run(subject) {
      await subject.pass(2 * second);
      await subject.slowDown(0.5, 0.4, recoversPerSecond);
      const told = [await take(subject, 'recovery', 1, 50), await take(subject, 'sweep', 1, 50)];
      await subject.pass(-3_600 * second);
      for (const kind of ['interactive', 'recovery', 'sweep'] as const) told.push(await take(subject, kind, 1, 1_000));
      assert.deepEqual(
        told.slice(2).map(([granted, , intervalMs]) => [granted, intervalMs]),
        [
          [1, 200],
          [1, 200],
          [1, 200],
        ],
      );
      // What was slow by the clock of before can be slowed again, and wears off from then on.
      await subject.slowDown(0.9, 0.4, recoversPerSecond);
      told.push(await take(subject, 'interactive', 1, 1_000));
      assert.equal(told.at(-1)?.[2], Math.round(100 / 0.45));
      return told;
    },
  },
];
