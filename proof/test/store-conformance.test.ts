/** The store in memory and the store on PostgreSQL are one machine, on the newest and the oldest PostgreSQL we support. */
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { allCases, runCase, runStory, storySteps, subjects } from '../src/conformance/run.ts';
import type { Subject } from '../src/conformance/subject.ts';
import { original } from '../src/planted-bugs.ts';
import { plantedInAccess, plantedInStore } from '../src/planted-store-bugs.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

describe('both stores', () => {
  let of: Subject[] = [];
  before(async () => {
    of = await subjects([18, 15]);
  });
  after(async () => {
    for (const subject of of) await subject.close();
  });

  for (const { name, run } of allCases) {
    test(name, async () => {
      const [first] = await runCase(of, name, run);
      assert.ok(!first, `${first?.store}: ${first?.message}`);
    });
  }

  for (const seed of [1, 2, 3, 4, 5, 6]) {
    test(`a random story is the same on all of them (seed ${seed})`, async () => {
      const { failures, commits } = await runStory(of, seed, storySteps);
      const [first] = failures;
      assert.ok(!first, `${first?.store}: ${first?.message}\n${first?.timeline.slice(-6).join('\n')}`);
      assert.ok(commits > 0, 'a story in which nothing is committed shows nothing');
    });
  }
});

for (const bug of [...plantedInStore, ...plantedInAccess]) {
  test(`it can be planted in the store or on the way to it: ${bug.name}`, async () => {
    await original(root, bug);
  });
}
