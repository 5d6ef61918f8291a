import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contradictionIn, paidFirst } from './billing-policy.ts';
import { defaultTerms } from './terms.ts';
import { observation, ok, Story } from './testing.ts';
import type { BillingBehavior, Terms } from './types.ts';

const payments = ['allow_incomplete', 'default_incomplete', 'pending_if_incomplete', 'error_if_incomplete'] as const;
const prorations = ['create_prorations', 'always_invoice', 'none'] as const;

for (const direction of ['increase', 'decrease'] as const) {
  for (const prorationBehavior of prorations) {
    for (const paymentBehavior of payments) {
      // A payment behavior has nothing to act on where no invoice is made: the seats would be given out unpaid.
      const fits = paymentBehavior === 'allow_incomplete' || prorationBehavior === 'always_invoice';
      test(`${direction}: ${prorationBehavior} with ${paymentBehavior} ${fits ? 'is taken' : 'contradicts itself'}`, () => {
        const behavior: BillingBehavior = { prorationBehavior, paymentBehavior };
        const terms: Terms = { ...defaultTerms, [direction]: { ...defaultTerms[direction], ...behavior } };
        const contradiction = contradictionIn(terms);
        assert.equal(contradiction?.field ?? null, fits ? null : `terms.${direction}.paymentBehavior`);
        if (fits) return;
        assert.equal(
          contradiction?.message,
          `${paymentBehavior} acts on the invoice of the change, and ${prorationBehavior} makes none. ` +
            'Use it with prorationBehavior always_invoice, or use allow_incomplete.',
        );
      });
    }
  }
}

test('a decrease at the end of a period needs seats that are bought and not followed', () => {
  const decrease = { ...defaultTerms.decrease, when: 'period_end' } as const;
  assert.equal(contradictionIn({ ...defaultTerms, decrease }), null);
  assert.equal(contradictionIn({ ...defaultTerms, mode: 'follow' }), null);
  assert.deepEqual(contradictionIn({ ...defaultTerms, mode: 'follow', decrease }), {
    field: 'terms.decrease.when',
    message: 'Billing that follows use shrinks with it. Decreases at the end of a period need mode prepaid.',
  });
});

test('the longest wait is not shorter than the one that it bounds', () => {
  assert.equal(contradictionIn({ ...defaultTerms, settleMs: 5_000, maxWaitMs: 5_000 }), null);
  assert.deepEqual(contradictionIn({ ...defaultTerms, settleMs: 5_000, maxWaitMs: 4_999 }), {
    field: 'terms.maxWaitMs',
    message: 'maxWaitMs bounds the wait that settleMs begins, so it cannot be the shorter one.',
  });
});

test('a subscription whose invoices are sent is asked for no payment in the call, and the seats are granted on request', () => {
  const increase = { prorationBehavior: 'always_invoice', paymentBehavior: 'pending_if_incomplete' } as const;
  const story = new Story({ seats: 10, terms: { increase } });
  story.tell({ type: 'resume', actor: 'ops', reason: null });
  story.sees(10, { collectionMethod: 'send_invoice' });
  story.ask({ type: 'set', seats: 12 });
  const body = new URLSearchParams(story.push.request.body);
  assert.equal(body.get('proration_behavior'), 'always_invoice');
  assert.equal(body.has('payment_behavior'), false);
  story.answer(ok(12));
  assert.equal(story.account.settledSeats, 12);
});

test('seats are paid for first where the call makes an invoice and fails or waits until it is paid', () => {
  const first = prorations.flatMap((prorationBehavior) =>
    payments
      .filter((paymentBehavior) => paidFirst({ prorationBehavior, paymentBehavior }))
      .map((paymentBehavior) => `${prorationBehavior} ${paymentBehavior}`),
  );
  assert.deepEqual(first, ['always_invoice pending_if_incomplete', 'always_invoice error_if_incomplete']);
});

test('what puts back somebody else`s change never fails on a card, whatever the terms say of purchases', () => {
  const increase = { prorationBehavior: 'always_invoice', paymentBehavior: 'error_if_incomplete' } as const;
  const story = new Story({ seats: 10, terms: { increase, onForeignChange: { unknown: 'revert' } } });
  story.look({ kind: 'seen', observation: observation(8), requestId: null });
  assert.equal(story.push.origin, 'revert');
  const body = new URLSearchParams(story.push.request.body);
  assert.deepEqual(
    [body.get('proration_behavior'), body.get('payment_behavior')],
    ['always_invoice', 'allow_incomplete'],
  );
});

test('terms are changed field by field, and refused where they contradict what there is by then', () => {
  const story = new Story({ seats: 10 });
  const said = { type: 'change_terms', actor: 'ops', reason: null } as const;
  story.tell({ ...said, terms: { guard: { seatsPerDay: 2 } } });
  story.tell({ ...said, terms: { guard: { amountPerDay: 100 } } });
  assert.deepEqual(story.account.terms.guard, { seatsPerDay: 2, amountPerDay: 100 });
  story.tell({ ...said, terms: { mode: 'follow' } });
  assert.throws(() => story.tell({ ...said, terms: { decrease: { when: 'period_end' } } }), {
    code: 'terms_contradict',
    message: /^terms\.decrease\.when: /,
  });
});
