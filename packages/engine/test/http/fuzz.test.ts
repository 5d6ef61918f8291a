import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ProblemBody } from '../../src/http/contract.ts';
import { servedProduct } from './served-product.ts';

/*
 * Nonsense by construction: every generated request is wrong in at least one way, so every one has to be refused, as a
 * problem document, below 500, with nothing written and Stripe not called. fast-check prints seed and path of a failure.
 */

const runs = { numRuns: 400 };

const noWholeNumber = fc.oneof(
  fc.string(),
  fc.constantFrom('5', '', null, true, [], {}, -1, 0, 1_000_001, 1e15, 0.5, 5.000001),
  fc.double().filter((value) => !Number.isInteger(value) || value < 1 || value > 1_000_000),
  fc.array(fc.integer()),
);
const unstorable = fc.oneof(
  fc.string().map((text) => `${text}\u0000`),
  fc.string().map((text) => `\ud800${text}`),
  fc.constant('x'.repeat(201)),
  fc.constant(''),
);
const notText = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.array(fc.string()));
const unknownField = fc
  .string({ minLength: 1 })
  .filter(
    (name) =>
      ![
        'action',
        'quantity',
        'holders',
        'reserve',
        'expand',
        'buyAtMost',
        'reason',
        'seats',
        'expectedSeats',
        'quote',
      ].includes(name),
  );

const action = fc.constantFrom('add', 'remove', 'assign', 'transfer');
const quantity = fc.integer({ min: 1, max: 3 });

const badUsage = fc.oneof(
  fc.jsonValue(),
  fc.record({ action, quantity: noWholeNumber }),
  fc
    .record({ action: fc.string(), quantity })
    .filter((body) => !['add', 'remove', 'assign', 'transfer'].includes(body.action)),
  fc.record({ action, quantity, reason: fc.oneof(unstorable, notText) }),
  fc.record({ action, quantity: fc.constant(1), holders: fc.tuple(fc.oneof(unstorable, notText)) }),
  fc.record({ action, quantity: fc.constant(2), holders: fc.constantFrom(['ada'], ['ada', 'ada'], ['a', 'b', 'c']) }),
  fc.record({ action: fc.constantFrom('remove', 'assign', 'transfer'), quantity, expand: fc.boolean() }),
  fc.tuple(unknownField, fc.jsonValue()).map(([name, value]) => ({ action: 'add', quantity: 1, [name]: value })),
);

const badPurchase = fc.oneof(
  fc.jsonValue(),
  fc.record({ seats: noWholeNumber }),
  fc.record({ seats: fc.constant(12), expectedSeats: noWholeNumber.filter((value) => value !== 0) }),
  fc.record({ seats: fc.constant(12), reason: fc.oneof(unstorable, notText) }),
  fc.record({ seats: fc.constant(12), quote: notText }),
  fc.tuple(unknownField, fc.jsonValue()).map(([name, value]) => ({ seats: 12, [name]: value })),
);

describe('Nonsense is refused, and nothing is written', () => {
  test('at the usage door, the owner’s door and the price', async () => {
    await using shop = await servedProduct({ seats: 10, used: 5 });
    const written = await shop.written();
    const refused = ({ status, body }: { status: number; body: ProblemBody }) => {
      assert.ok(status === 400 || status === 422, `${status} ${JSON.stringify(body)}`);
      assert.equal(body.status, status);
      assert.ok(body.code.length > 0 && body.detail.length > 0);
    };
    await fc.assert(
      fc.asyncProperty(badUsage, async (body) => refused(await shop.post<ProblemBody>(JSON.stringify(body)))),
      runs,
    );
    await fc.assert(
      fc.asyncProperty(badPurchase, async (body) => refused(await shop.put<ProblemBody>(JSON.stringify(body)))),
      runs,
    );
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.record({ seats: noWholeNumber })), async (body) =>
        refused(await shop.preview<ProblemBody>(JSON.stringify(body))),
      ),
      runs,
    );
    assert.deepEqual(await shop.written(), written);
    assert.deepEqual(shop.stripeWrites(), []);
  });

  test('whatever the method, the path, the headers and the bytes', async () => {
    await using shop = await servedProduct({ seats: 10, used: 5 });
    const written = await shop.written();
    const path = fc.oneof(
      fc.constantFrom('/api/billing/seats', '/api/billing/seats/preview', '/api/webhooks/stripe', '/api/seatbelt/tick'),
      fc.webPath().map((tail) => `/api/billing/seats/changes${tail}`),
      fc.webPath(),
    );
    const headers = fc.record(
      {
        'content-type': fc.constantFrom('application/json', 'text/plain', 'application/json; charset=x', ';', '"'),
        'content-length': fc.constantFrom('0', '-1', 'x', '99999999'),
        'idempotency-key': fc.constantFrom('k', '', 'x'.repeat(300)),
        'stripe-signature': fc.constantFrom('', 't=1', 't=1,v1=', 't=99999999999,v1=aa', ',,,='),
        authorization: fc.constantFrom('Bearer x', 'Bearer', 'Basic x'),
        prefer: fc.constantFrom('wait=', 'wait=x', ';;', 'wait=999'),
      },
      { requiredKeys: [] },
    );
    const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD');
    const bytes = fc.uint8Array({ maxLength: 200 }).filter((array) => !isJson(array));
    await fc.assert(
      fc.asyncProperty(
        method,
        path,
        fc.webQueryParameters(),
        headers,
        bytes,
        async (verb, where, query, sent, body) => {
          const bodyless = verb === 'GET' || verb === 'HEAD';
          const response = await shop.fetch(
            new Request(`https://app.example${where}?${query}`, {
              method: verb,
              headers: new Headers(
                Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== undefined),
              ),
              ...(bodyless ? {} : { body: new Uint8Array(body) }),
            }),
          );
          assert.ok(response.status < 500, `${response.status} ${await response.text()}`);
          // OPTIONS asks what a route takes, and the body beside it says nothing.
          if (!bodyless && verb !== 'OPTIONS') assert.ok(response.status >= 400, `${verb} ${where} was taken`);
        },
      ),
      runs,
    );
    assert.deepEqual(await shop.written(), written);
    assert.deepEqual(shop.stripeWrites(), []);
  });
});

function isJson(bytes: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
