import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { SpanStatusCode, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { spanNames } from '../src/spans.ts';
import { product } from './product.ts';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

before(() => assert.equal(trace.setGlobalTracerProvider(provider), true));
after(async () => {
  trace.disable();
  await provider.shutdown();
});

function finished(name: string) {
  return exporter.getFinishedSpans().filter((span) => span.name === name);
}

test('a change, its send and a round leave spans that say what became of them', async () => {
  exporter.reset();
  await using shop = await product();
  await shop.seatbelt.set('org_test', 12);
  await shop.seatbelt.tick();

  const [change] = finished(spanNames.change);
  assert.deepEqual(change?.attributes, {
    'seatbelt.organization': 'org_test',
    'seatbelt.kind': 'set',
    'seatbelt.status': 'applied',
  });
  const [push, another] = finished(spanNames.push);
  assert.equal(another, undefined, 'one send, one span');
  assert.equal(push?.attributes['seatbelt.quantity.from'], 10);
  assert.equal(push?.attributes['seatbelt.quantity.target'], 12);
  assert.equal(push?.attributes['seatbelt.answer'], 'success');
  assert.match(String(push?.attributes['seatbelt.stripe_request_id']), /^req_/);
  assert.equal(finished(spanNames.tick).length, 1);
});

test('a refusal is an error of its span, a declined card is an answer', async () => {
  exporter.reset();
  await using shop = await product();
  await assert.rejects(shop.seatbelt.set('org_test', 2));
  const [refused] = finished(spanNames.change);
  assert.equal(refused?.status.code, SpanStatusCode.ERROR);
  assert.equal(refused?.status.message, 'SeatRefused');

  shop.sim.faults.add({ kind: 'card_decline_402', match: { route: 'POST /v1/subscriptions/:id' } });
  await shop.seatbelt.set('org_test', 11);
  const declined = finished(spanNames.change).at(-1);
  assert.equal(declined?.status.code, SpanStatusCode.UNSET);
  assert.equal(declined?.attributes['seatbelt.status'], 'rolled_back');
  assert.equal(finished(spanNames.push).at(-1)?.attributes['seatbelt.answer'], '402');
});

test('the page names every span and every attribute', async () => {
  const page = await readFile(new URL('../../../docs/observability.md', import.meta.url), 'utf8');
  for (const name of Object.values(spanNames)) assert.ok(page.includes(`\`${name}\``), name);
  const used = new Set(exporter.getFinishedSpans().flatMap((span) => Object.keys(span.attributes)));
  assert.ok(used.size > 5);
  for (const attribute of used) assert.ok(page.includes(`\`${attribute}\``), attribute);
});
