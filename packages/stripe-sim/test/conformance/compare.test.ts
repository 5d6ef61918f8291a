import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareBodies } from './compare.ts';
import type { Json } from './fixture.ts';
import { Bindings } from './placeholders.ts';

function differences(recorded: Json, live: Json, bindings = new Bindings()) {
  return compareBodies(recorded, live, bindings).map(({ kind, at }) => `${kind} ${at}`);
}

test('a body that fits its placeholders has no differences', () => {
  const recorded = {
    id: '{in_1}',
    object: 'invoice',
    created: '{time}',
    number: '{text}',
    total: 1000,
    url: '/v1/invoices/{in_1}/lines',
    note: 'after {day}',
  };
  const live = {
    id: 'in_9',
    object: 'invoice',
    created: 1_800_000_000,
    number: 'A-1',
    total: 1000,
    url: '/v1/invoices/in_9/lines',
    note: 'after 01 Feb 2027',
  };
  assert.deepEqual(differences(recorded, live), []);
});

test('an amount, a type, a missing key and an unexpected key are each reported at the nearest Stripe object', () => {
  const recorded = { object: 'subscription', latest: { object: 'invoice', total: 1, paid: null, gone: true } };
  const live = { object: 'subscription', latest: { object: 'invoice', total: 2, paid: 'x', extra: 1 } };
  assert.deepEqual(differences(recorded, live), [
    'value invoice.total',
    'type invoice.paid',
    'missing invoice.gone',
    'unexpected invoice.extra',
  ]);
});

test('one id must stand for one object: a line that points at another invoice is found', () => {
  const recorded = { id: '{in_1}', lines: [{ invoice: '{in_1}' }] };
  assert.deepEqual(differences(recorded, { id: 'in_a', lines: [{ invoice: 'in_a' }] }), []);
  assert.deepEqual(differences(recorded, { id: 'in_a', lines: [{ invoice: 'in_b' }] }), ['value body.lines[].invoice']);
});

test('a list of another length is reported and its common part is still compared', () => {
  assert.deepEqual(differences({ data: [{ n: 1 }, { n: 2 }] }, { data: [{ n: 3 }] }), [
    'value body.data.length',
    'value body.data[].n',
  ]);
});

test('a time must be a unix second and not merely any number', () => {
  assert.deepEqual(differences({ created: '{time}' }, { created: 12 }), ['value body.created']);
  assert.deepEqual(differences({ created: '{time}' }, { created: null }), ['type body.created']);
});

test('a request cannot be sent with an id that no answer has given', () => {
  const bindings = new Bindings();
  assert.throws(() => bindings.fill('/v1/customers/{cus_1}', 0), /cus_1/);
  bindings.bind('{cus_1}', 'cus_live');
  assert.equal(bindings.fill('/v1/customers/{cus_1}', 0), '/v1/customers/cus_live');
  assert.equal(bindings.fill('{now+60}', 1_800_000_000), '1800000060');
});

test('a text that does not fit binds nothing', () => {
  const bindings = new Bindings();
  assert.equal(bindings.matches("No such price: '{price_1}'", 'something else'), false);
  assert.equal(bindings.get('{price_1}'), undefined);
});
