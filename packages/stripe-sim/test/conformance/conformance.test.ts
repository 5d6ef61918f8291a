import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type StripeSim, startStripeSim } from '../../src/index.ts';
import { apiVersion } from '../../src/settings.ts';
import { loadScenarios } from './fixture.ts';
import { KNOWN_DIFFERENCES, type KnownDifference, reasonFor } from './known-differences.ts';
import { replay } from './replay.ts';
import { reportOf } from './report.ts';

const scenarios = loadScenarios();
const occurred = new Set<KnownDifference>();
let sim: StripeSim;

before(async () => {
  sim = await startStripeSim({ apiKeys: ['sk_test_conformance'] });
});
after(() => sim.close());

for (const scenario of scenarios) {
  test(`${scenario.name}: the simulator answers as Stripe did on ${scenario.source.recorded}`, async () => {
    const target = { baseUrl: sim.url, apiKey: 'sk_test_conformance', apiVersion };
    const results = await replay(scenario, target);
    const lines = reportOf(scenario, results, (difference) => {
      const known = reasonFor(scenario.name, difference);
      if (known !== undefined) occurred.add(known);
      return known !== undefined;
    });
    assert.equal(lines.length, 0, `\n${lines.join('\n')}`);
  });
}

test('every scenario of the fixtures folder was found', () => {
  assert.ok(scenarios.length >= 18, `${scenarios.length} scenarios`);
  assert.ok(scenarios.every((scenario) => scenario.steps.length > 0));
});

test('every known difference still occurs, so the list cannot outlive its reasons', () => {
  const stale = KNOWN_DIFFERENCES.filter((known) => !occurred.has(known));
  assert.deepEqual(stale, []);
});

test('the simulator breaks none of its own invariants while it is replayed', () => {
  assert.deepEqual(sim.truth().violations, []);
});
