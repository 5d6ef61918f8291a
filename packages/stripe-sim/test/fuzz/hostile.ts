import fc from 'fast-check';
import { allRoutes } from '../../src/routes/all.ts';
import type { Bench, Sent } from './bench.ts';

/** Texts that have broken form decoders, number parsers and object keys before. */
const NASTY = [
  '',
  ' ',
  '0',
  '-0',
  '-1',
  '1e9',
  '1.0',
  '0x10',
  '１',
  'NaN',
  'Infinity',
  '99999999',
  '100000000',
  '9007199254740993',
  '99999999999999999999999999',
  'true',
  'null',
  'undefined',
  '[object Object]',
  '__proto__',
  'constructor',
  'toString',
  '\u0000',
  '\ud800',
  '../../etc/passwd',
  "'; drop table accounts; --",
  '<script>alert(1)</script>',
  '💺'.repeat(300),
  'a'.repeat(6_000),
];

/** Values that some parameter takes: without them hardly a request would get as far as the billing code. */
const PLAUSIBLE = [
  '1',
  '3',
  '12',
  'true',
  'false',
  'now',
  'unchanged',
  'usd',
  'month',
  'void',
  'none',
  'always_invoice',
  'create_prorations',
  'allow_incomplete',
  'default_incomplete',
  'error_if_incomplete',
  'pending_if_incomplete',
  'charge_automatically',
  'send_invoice',
  'pm_card_visa',
  'pm_card_chargeCustomerFail',
  'latest_invoice',
];

export const nastyText = fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 40, unit: 'binary' }));

/** A parameter name with brackets that may or may not pair, in any nesting. */
const anyName = fc
  .tuple(
    fc.constantFrom('items', 'metadata', 'expand', 'quantity', 'customer', '__proto__', '', 'x'),
    fc.array(
      fc.constantFrom('[]', '[0]', '[id]', '[quantity]', '[price]', '[__proto__]', '[', ']', '[[', '[-1]', '[a b]'),
      {
        maxLength: 6,
      },
    ),
  )
  .map(([name, rest]) => name + rest.join(''));

/** Known parameters of a route with whatever value: most requests should get past the unknown-parameter check. */
function knownName(names: readonly string[]): fc.Arbitrary<string> {
  if (names.length === 0) return anyName;
  return fc
    .tuple(
      fc.constantFrom(...names),
      fc.constantFrom('', '', '', '', '', '', '', '', '[0]', '[]', '[0][id]', '[0][quantity]', '[a]', '[a][b][c]'),
    )
    .map(([name, rest]) => name + rest);
}

function encoded(pairs: readonly (readonly [string, string])[]): string {
  return pairs.map(([name, value]) => `${encodePart(name)}=${encodePart(value)}`).join('&');
}

/** Like encodeURIComponent, but takes lone surrogates as a broken client would send them. */
function encodePart(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** A request to some route with ids that exist, existed never, or are no ids, and parameters of any kind. */
export function hostileRequest(bench: Bench): fc.Arbitrary<Sent> {
  const ids = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(bench.subscription, bench.item, bench.customer, bench.price) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('sub_missing', '__proto__', 'constructor', '%00', '%zz', '..', 'x'.repeat(300)),
    },
  );
  return fc.constantFrom(...allRoutes).chain((route) => {
    const name = fc.oneof(
      { weight: 5, arbitrary: knownName(Object.keys(route.params)) },
      { weight: 1, arbitrary: anyName },
    );
    const value = fc.oneof(
      { weight: 2, arbitrary: nastyText },
      { weight: 2, arbitrary: ids },
      { weight: 4, arbitrary: fc.constantFrom(...PLAUSIBLE) },
    );
    // Mostly the id of an object that the route is about, or nearly every request would end at a 404.
    const own = route.pattern.includes('subscription_items')
      ? bench.item
      : route.pattern.includes('subscriptions')
        ? bench.subscription
        : route.pattern.includes('prices')
          ? bench.price
          : bench.customer;
    const inPath = fc.oneof({ weight: 4, arbitrary: fc.constant(own) }, { weight: 1, arbitrary: ids });
    return fc.tuple(inPath, fc.array(fc.tuple(name, value), { maxLength: 3 })).map(([given, pairs]): Sent => {
      const path = route.pattern.replace(/:\w+/, () => given);
      const form = encoded(pairs);
      return route.method === 'POST'
        ? { method: 'POST', target: path, body: form }
        : { method: route.method, target: form === '' ? path : `${path}?${form}` };
    });
  });
}

/** A body that is no form, or one that is built to exhaust whoever decodes it. */
export const malformedBody = fc.oneof(
  fc.string({ maxLength: 400, unit: 'binary' }).map((text) => text.toWellFormed()),
  fc.stringMatching(/^[%&=[\]a0]{0,200}$/),
  fc.json({ maxDepth: 4 }),
  fc.integer({ min: 1, max: 400 }).map((depth) => `a${'[b]'.repeat(depth)}=1`),
  fc.integer({ min: 1, max: 400 }).map((depth) => `items${'['.repeat(depth)}=1`),
  fc.integer({ min: 1, max: 8_000 }).map((count) => 'expand[]=x&'.repeat(count)),
  fc.integer({ min: 1, max: 8_000 }).map((count) => `metadata[k]=${'v'.repeat(count)}`),
  fc.constantFrom(
    'items=1&items[0][id]=2',
    'items[0]=1&items[0][id]=2',
    '%',
    '%F0%28%8C%28',
    '=',
    '&&&',
    '[a]=1',
    'a[=1',
    'a]=1',
  ),
);
