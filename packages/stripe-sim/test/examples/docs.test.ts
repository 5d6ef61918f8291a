import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { faultKinds } from '../../src/faults/rules.ts';
import { allRoutes } from '../../src/routes/all.ts';

const page = readFileSync(new URL('../../../../docs/simulator.md', import.meta.url), 'utf8');
const folder = new URL('./', import.meta.url);
const examples = readdirSync(folder)
  .filter((file) => /^(node\.test|seats\.(vitest|jest))\.ts$/.test(file))
  .map((file) => readFileSync(new URL(file, folder), 'utf8'));

test('every example on the page is, word for word, part of a file that the tests run', () => {
  const shown = [...page.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code);
  assert.ok(shown.length >= 3);
  for (const code of shown) {
    assert.ok(
      examples.some((example) => example.includes(code)),
      code,
    );
  }
});

test('the page lists every endpoint with its methods, and no other', () => {
  const listed = [...page.matchAll(/^ {4}(\/v1\/\S+)\s+([A-Z ]+)$/gm)].flatMap(([, pattern = '', methods = '']) =>
    methods.split(' ').map((method) => `${method} ${pattern}`),
  );
  const existing = allRoutes.map((route) => `${route.method} ${route.pattern}`);
  assert.deepEqual(listed.toSorted(), existing.toSorted());
});

test('the page names every fault', () => {
  for (const kind of faultKinds) assert.ok(page.includes(`\`${kind}\``), kind);
});
