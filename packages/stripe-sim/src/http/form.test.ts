import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeForm } from './form.ts';

/** As plain objects; decoded ones have no prototype. */
const decoded = (text: string) => JSON.parse(JSON.stringify(decodeForm(text)));

test('an element without an index goes on until one of its names comes again', () => {
  assert.deepEqual(decoded('items[][price]=p1&items[][quantity]=2&items[][price]=p2&items[][quantity]=3'), {
    items: { 0: { price: 'p1', quantity: '2' }, 1: { price: 'p2', quantity: '3' } },
  });
  assert.deepEqual(decoded('items[][metadata][a]=1&items[][metadata][b]=2&items[][metadata][a]=3'), {
    items: { 0: { metadata: { a: '1', b: '2' } }, 1: { metadata: { a: '3' } } },
  });
  assert.deepEqual(decoded('items[][price]=p1&items[][rates][]=a&items[][rates][]=b'), {
    items: { 0: { price: 'p1', rates: { 0: 'a', 1: 'b' } } },
  });
});

test('plain values without an index are elements of their own', () => {
  assert.deepEqual(decoded('expand[]=customer&expand[]=items'), { expand: { 0: 'customer', 1: 'items' } });
});
