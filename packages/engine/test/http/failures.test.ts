import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InvariantBroken, type RefusalCode, SeatRefused } from '../../src/core/refusals.ts';
import { DatabaseError } from '../../src/db/executor.ts';
import {
  CommandDropped,
  DatabaseUnavailable,
  InvalidInput,
  OutcomeUnknown,
  StripeUnavailable,
  UnknownOrganization,
} from '../../src/failures.ts';
import { changeId, fake, get, problemOf, seats, send } from './fake-seatbelt.ts';

const path = '/api/billing/seats';
const counts = { usedSeats: 7, purchasedSeats: 10, availableSeats: 3 };

/** What a change comes to when the engine throws this. */
async function changing(error: unknown, read = async () => seats) {
  const thrown = fake({ set: () => Promise.reject(error), seats: read });
  const response = await thrown.handlers.seats.PUT(send('PUT', path, { seats: 12 }));
  return { response, problem: await problemOf(response), lines: thrown.lines, calls: thrown.calls };
}

async function reading(error: unknown) {
  const thrown = fake({ seats: () => Promise.reject(error) });
  const response = await thrown.handlers.seats.GET(get(path));
  return { response, problem: await problemOf(response), lines: thrown.lines };
}

describe('Every refusal has its status', () => {
  // Written out a second time on purpose. A new code does not compile here, as it does not in the table itself.
  const expected: Record<RefusalCode, 404 | 409 | 422> = {
    below_used: 409,
    below_minimum: 422,
    above_maximum: 422,
    no_subscription: 409,
    subscription_not_changeable: 409,
    subscription_incomplete: 409,
    subscription_paused: 409,
    subscription_ending: 409,
    collection_paused: 409,
    payment_overdue: 409,
    managed_by_schedule: 409,
    unknown_change: 404,
    not_cancellable: 409,
    not_awaiting_approval: 409,
    terms_contradict: 422,
    price_needed: 409,
    too_many_pending: 409,
    idempotency_key_reused: 422,
    seats_changed: 409,
    quote_stale: 409,
    drift_unresolved: 409,
    not_in_use: 409,
    unknown_holder: 422,
    holder_exists: 409,
    no_seat_available: 409,
    over_capacity: 409,
    follows_use: 409,
    paused: 409,
    nothing_to_resolve: 409,
    numbers_moved: 409,
  };
  for (const [code, status] of Object.entries(expected) as [RefusalCode, 409 | 422][]) {
    test(`${code}: ${status}, with its sentence and the present counts`, async () => {
      const { response, problem, lines } = await changing(new SeatRefused({ code, message: 'A sentence.' }));
      assert.equal(response.status, status);
      assert.equal(response.headers.get('cache-control'), 'no-store');
      const { title, ...rest } = problem;
      assert.ok(title.length > 0);
      assert.deepEqual(rest, { type: `urn:seatbelt:problem:${code}`, status, detail: 'A sentence.', code, counts });
      assert.deepEqual(lines, [], 'a refusal is no error of ours');
    });
  }

  test('too many pending says when to come back', async () => {
    const { response } = await changing(new SeatRefused({ code: 'too_many_pending', message: 'Wait.' }));
    assert.equal(response.headers.get('retry-after'), '5');
  });
});

describe('Every failure says what is known and nothing more', () => {
  const databaseDown = new DatabaseError(
    { kind: 'unknown', code: '57P01', constraint: null, message: 'terminating connection to db-7.internal' },
    null,
  );

  test('the database did not take it: 503, Stripe was not called', async () => {
    const { response, problem, lines } = await changing(new DatabaseUnavailable('connect ECONNREFUSED 10.0.0.7:5432'));
    assert.equal(response.status, 503);
    assert.equal(problem.code, 'database_unavailable');
    assert.match(problem.detail, /Nothing was written and Stripe was not called/);
    assert.doesNotMatch(JSON.stringify(problem), /10\.0\.0\.7/, 'where the database is stays inside');
    assert.equal(response.headers.get('retry-after'), '5');
    assert.equal(lines[0]?.level, 'error');
  });

  test('nobody knows: 503 outcome_unknown with the change that may exist', async () => {
    const { response, problem } = await changing(new OutcomeUnknown('?', changeId));
    assert.equal(response.status, 503);
    assert.equal(problem.code, 'outcome_unknown');
    assert.equal(problem.changeUrl, `/api/billing/seats/changes/${changeId}`);
    assert.match(problem.detail, /same Idempotency-Key/);
    assert.doesNotMatch(problem.detail, /not called/);
    assert.equal(response.headers.get('retry-after'), '2');
  });

  for (const error of [
    databaseDown,
    new InvariantBroken('Bug: seats'),
    new TypeError('x is not a function'),
    'a string',
    undefined,
  ]) {
    test(`an error that nobody foresaw leaves a change open: ${String(error)}`, async () => {
      const { response, problem, lines } = await changing(error);
      assert.equal(response.status, 503);
      assert.equal(problem.code, 'outcome_unknown');
      assert.doesNotMatch(JSON.stringify(problem), /internal|Bug|function/);
      assert.equal(lines[0]?.level, 'error');
      assert.ok('err' in (lines[0]?.fields ?? {}), 'the log has the reason');
    });
  }

  test('a command that waited too long: 503 busy, nothing written', async () => {
    const { response, problem } = await changing(new CommandDropped('The command waited.'));
    assert.equal(response.status, 503);
    assert.equal(problem.code, 'busy');
    assert.match(problem.detail, /Nothing was written and Stripe was not called/);
    assert.equal(response.headers.get('retry-after'), '1');
  });

  test('an unknown organization: 404, and its counts are not asked for', async () => {
    const { response, problem, calls } = await changing(new UnknownOrganization('No account for "org_1".'));
    assert.equal(response.status, 404);
    assert.equal(problem.code, 'unknown_organization');
    assert.equal(problem.counts, undefined);
    assert.deepEqual(
      calls.map(({ verb }) => verb),
      ['set'],
    );
  });

  test('input that the engine does not take: 422 with the field', async () => {
    const { response, problem } = await changing(new InvalidInput('reason', 'reason has a NUL.'));
    assert.equal(response.status, 422);
    assert.deepEqual([problem.code, problem.field, problem.detail], ['invalid_input', 'reason', 'reason has a NUL.']);
  });

  test('Stripe cannot be asked for a price: 502', async () => {
    const { handlers } = fake({ preview: () => Promise.reject(new StripeUnavailable('sk_live_secret refused')) });
    const response = await handlers.preview.POST(send('POST', `${path}/preview`, { seats: 12 }));
    const problem = await problemOf(response);
    assert.equal(response.status, 502);
    assert.equal(problem.code, 'stripe_unavailable');
    assert.doesNotMatch(JSON.stringify(problem), /sk_live/);
  });

  for (const error of [databaseDown, new DatabaseUnavailable('db-7 is away')]) {
    test(`a read without a database (${error.name}): 503, and it says that nothing was changed`, async () => {
      const { response, problem } = await reading(error);
      assert.equal(response.status, 503);
      assert.equal(problem.code, 'database_unavailable');
      assert.match(problem.detail, /could not be read/);
      assert.doesNotMatch(JSON.stringify(problem), /db-7/);
    });
  }

  test('a bug while reading is a 500 with a document, and its reason is only in the log', async () => {
    const { response, problem, lines } = await reading(new TypeError('secret detail'));
    assert.equal(response.status, 500);
    assert.equal(problem.code, 'internal_error');
    assert.doesNotMatch(JSON.stringify(problem), /secret detail/);
    assert.match(String(lines[0]?.fields.err), /secret detail/);
  });
});

describe('Counts never hide the problem they go with', () => {
  const refused = new SeatRefused({ code: 'below_used', message: 'Seven are in use.' });

  test('when reading them fails', async () => {
    const { response, problem, lines } = await changing(refused, () => Promise.reject(new Error('away')));
    assert.equal(response.status, 409);
    assert.equal(problem.detail, 'Seven are in use.');
    assert.equal(problem.counts, undefined);
    assert.equal(lines[0]?.level, 'warn', 'and it is not passed over in silence');
  });

  test('when reading them never ends', { timeout: 10_000 }, async () => {
    const { response, problem } = await changing(refused, () => new Promise(() => undefined));
    assert.equal(response.status, 409);
    assert.equal(problem.counts, undefined);
  });
});
