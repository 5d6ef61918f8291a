import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Counters } from '../src/metrics/counters.ts';
import { metricHelp } from '../src/metrics/text.ts';
import { product } from './product.ts';

/** The text format as Prometheus reads it: every line is a comment of a known shape or a sample, or this throws. */
function samplesOf(text: string): ReadonlyMap<string, number> {
  assert.ok(text.endsWith('\n'));
  const samples = new Map<string, number>();
  let family = '';
  for (const line of text.trimEnd().split('\n')) {
    const comment = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line);
    if (comment) {
      if (comment[1] === 'HELP') family = comment[2] ?? '';
      else assert.match(comment[3] ?? '', /^(counter|gauge)$/);
      assert.equal(comment[2], family);
      continue;
    }
    const sample =
      /^([a-z_]+)((?:\{[a-z_]+="(?:[^"\\\n]|\\[\\"n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\[\\"n])*")*\})?) (-?[0-9.e+-]+)$/.exec(
        line,
      );
    assert.ok(sample, `not a sample: ${line}`);
    assert.equal(sample[1], family, 'samples stand together under their own header');
    const name = `${sample[1]}${sample[2]}`;
    assert.ok(!samples.has(name), `${name} is there twice`);
    samples.set(name, Number(sample[3]));
  }
  return samples;
}

test('what happened is counted, in the text that Prometheus reads, for whoever has the key', async () => {
  await using shop = await product({ engine: { metricsKey: 'sk_metrics' } });
  const handlers = shop.seatbelt.handlers({ authorize: () => null });
  const ask = (key: string | null) =>
    handlers.fetch(
      new Request('http://host/api/metrics', key === null ? {} : { headers: { authorization: `Bearer ${key}` } }),
    );
  assert.equal((await ask(null)).status, 401);
  assert.equal((await ask('sk_other')).status, 401);

  await shop.seatbelt.set(shop.organization, 12);
  await shop.seatbelt.tick();
  const answer = await ask('sk_metrics');
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  const samples = samplesOf(await answer.text());
  assert.equal(samples.get('seatbelt_changes_ended_total{kind="set",status="applied"}'), 1);
  assert.equal(samples.get('seatbelt_pushes_ended_total{origin="changes",outcome="confirmed"}'), 1);
  assert.equal(samples.get('seatbelt_stripe_answers_total{answer="success"}'), 1);
  assert.equal(samples.get('seatbelt_accounts{state="all"}'), 1);
  assert.equal(samples.get('seatbelt_in_doubt_age_seconds'), 0);
  assert.equal(samples.get('seatbelt_duty_silent{duty="tick"}'), 0);
  assert.equal(samples.get('seatbelt_stripe_rate_ratio'), 1);
});

test('without a key there is no such route', async () => {
  await using shop = await product({ engine: { metricsKey: '' } });
  const { metrics } = shop.seatbelt.handlers({ authorize: () => null });
  const answer = await metrics.GET(new Request('http://host/api/metrics', { headers: { authorization: 'Bearer x' } }));
  assert.equal(answer.status, 404);
});

test('what a label holds cannot break the text', () => {
  const counters = new Counters();
  const change = { endedAt: 1, kind: 'set', status: 'rolled_back', code: 'a"b\\c\nd' };
  const nothing = { holders: new Map(), pushesOpened: [], pushesEnded: [], incidents: [], audit: [], events: [] };
  counters.committed({ records: { ...nothing, changes: [change] }, state: { account: { push: null } } } as never);
  const [sample] = [...counters.all()];
  assert.deepEqual(sample, [
    'seatbelt_changes_ended_total',
    '{kind="set",status="rolled_back",code="a\\"b\\\\c\\nd"}',
    1,
  ]);
});

test('the page names every metric there is, and no other', async () => {
  const page = await readFile(new URL('../../../docs/observability.md', import.meta.url), 'utf8');
  const named = new Set(page.match(/^\| `(seatbelt_[a-z_]+)`/gm)?.map((cell) => cell.slice(3, -1)));
  assert.deepEqual([...named].sort(), Object.keys(metricHelp).sort());
});
