import type { ChangeBody, PreviewBody, ProblemBody, SeatChangeBody, SeatsBody } from '@seatbelt/widget/client';

/** One state of the widget, as the answers that lead there. */
export interface PlaygroundState {
  readonly name: string;
  /** GET. `never`: no answer comes. */
  readonly seats: SeatsBody | ProblemBody | 'never' | 'unreachable';
  readonly preview?: PreviewBody | ProblemBody | 'never';
  /** PUT. */
  readonly change?: SeatChangeBody | ProblemBody | 'never' | 'unreachable';
  readonly readOnly?: boolean;
}

const at = '2026-11-22T10:00:00.000Z';

const calm: SeatsBody = {
  status: 'active',
  version: 1,
  readAt: '2026-11-30T12:00:00.000Z',
  purchasedSeats: 12,
  settledSeats: 12,
  usedSeats: 9,
  assignedSeats: 7,
  reservedSeats: 2,
  availableSeats: 3,
  minimumSeats: 5,
  maximumSeats: 50,
  mode: 'prepaid',
  mayChange: true,
  pending: null,
  hold: null,
  pausedReason: null,
  incidents: [],
  scheduled: null,
  awaitingApproval: [],
  billing: null,
};

const preview: PreviewBody = {
  quote: '00000000-0000-4000-8000-000000000001',
  amountDue: 2_451,
  total: 2_451,
  currency: 'usd',
  dueNow: 2_451,
  atRenewal: { amountDue: 28_800, total: 28_800, at: '2026-12-01T00:00:00.000Z' },
  credit: 0,
  charge: 2_451,
  tax: 0,
  discount: 0,
  lines: [
    { description: 'Remaining time on 14 × Seat', amount: 2_451, proration: true, part: 'change' },
    { description: '14 × Seat', amount: 28_800, proration: false, part: 'renewal' },
  ],
  expiresAt: '2026-11-22T10:15:00.000Z',
};

function changed(fields: Partial<ChangeBody>): ChangeBody {
  return {
    id: '00000000-0000-4000-8000-000000000002',
    kind: 'set',
    status: 'requested',
    quantity: 14,
    seatsBefore: 12,
    seatsAfter: 14,
    actor: 'user_7',
    reason: null,
    code: null,
    message: null,
    payment: false,
    supersededBy: null,
    requestedAt: at,
    endedAt: null,
    waitsUntil: null,
    url: '/api/billing/seats/changes/00000000-0000-4000-8000-000000000002',
    ...fields,
  };
}

function open(
  state: 'intended' | 'in_doubt' | 'awaiting_payment',
  change: ChangeBody,
  paymentUrl: string | null = null,
) {
  const seats: SeatsBody = {
    ...calm,
    purchasedSeats: 14,
    pending: {
      waitingFor: null,
      push: {
        id: '00000000-0000-4000-8000-000000000003',
        state,
        fromSeats: 12,
        targetSeats: 14,
        since: at,
        doubt: state === 'in_doubt' ? 'timeout' : null,
        nextAt: at,
        paymentUrl,
      },
      changes: [change],
    },
  };
  return seats;
}

function answer(change: ChangeBody, success: boolean | null): SeatChangeBody {
  const purchasedSeats = success === false ? 12 : 14;
  return {
    status: change.status,
    success,
    usedSeats: 9,
    purchasedSeats,
    availableSeats: purchasedSeats - 9,
    billingExpanded: success === true,
    change,
  };
}

function problem(status: number, code: string, detail: string): ProblemBody {
  return { type: `urn:seatbelt:problem:${code}`, title: code, status, detail, code };
}

const applied = changed({ status: 'applied', endedAt: at });
const declined = changed({
  status: 'rolled_back',
  endedAt: at,
  code: 'card_declined',
  message: 'Your card was declined.',
});

/** Every state a person can meet. The tests open each of them, and the page shows them side by side. */
export const states: readonly PlaygroundState[] = [
  { name: 'calm', seats: calm, preview, change: answer(applied, true) },
  { name: 'loading', seats: 'never' },
  { name: 'unreachable', seats: 'unreachable' },
  { name: 'turned away', seats: problem(403, 'forbidden', 'You may not look at these seats.') },
  { name: 'read only', seats: { ...calm, mayChange: false } },
  { name: 'at capacity', seats: { ...calm, usedSeats: 12, assignedSeats: 10, availableSeats: 0 }, preview },
  {
    name: 'one seat',
    seats: {
      ...calm,
      purchasedSeats: 1,
      settledSeats: 1,
      usedSeats: 1,
      assignedSeats: 1,
      reservedSeats: 0,
      availableSeats: 0,
      minimumSeats: 1,
    },
    preview,
  },
  {
    name: 'a million',
    seats: { ...calm, purchasedSeats: 1_000_000, settledSeats: 1_000_000, availableSeats: 999_991, maximumSeats: null },
    preview,
  },
  { name: 'slow price', seats: calm, preview: 'never' },
  {
    name: 'no price',
    seats: calm,
    preview: problem(502, 'stripe_unavailable', 'Stripe could not be asked just now.'),
    change: answer(applied, true),
  },
  { name: 'slow change', seats: calm, preview, change: 'never' },
  { name: 'answer lost', seats: calm, preview, change: 'unreachable' },
  { name: 'refused', seats: calm, preview, change: problem(409, 'below_used', '13 seats are in use.') },
  {
    name: 'not written',
    seats: calm,
    preview,
    change: problem(503, 'database_unavailable', 'The database did not take the change.'),
  },
  { name: 'asking Stripe', seats: open('intended', changed({})) },
  { name: 'in doubt', seats: open('in_doubt', changed({ status: 'in_doubt' })) },
  {
    name: 'awaiting payment',
    seats: open('awaiting_payment', changed({ status: 'awaiting_payment' }), 'https://invoice.stripe.com/i/example'),
  },
  {
    name: 'rolling back',
    seats: { ...calm, pending: { waitingFor: null, push: null, changes: [changed({ status: 'rollback_pending' })] } },
  },
  { name: 'rolled back', seats: calm, preview, change: answer(declined, false) },
  {
    name: 'decrease scheduled',
    seats: {
      ...calm,
      scheduled: { seats: 10, at: '2026-12-01T00:00:00.000Z', change: '00000000-0000-4000-8000-000000000004' },
    },
  },
  { name: 'awaiting approval', seats: { ...calm, awaitingApproval: [changed({ status: 'awaiting_approval' })] } },
  {
    name: 'past due',
    seats: {
      ...calm,
      billing: {
        subscriptionStatus: 'past_due',
        collectionMethod: 'charge_automatically',
        periodEnd: '2026-12-01T00:00:00.000Z',
        cancelAt: null,
        collectionPaused: false,
        schedule: null,
        openInvoiceUrl: 'https://invoice.stripe.com/i/example',
      },
    },
  },
  {
    name: 'over capacity',
    seats: { ...calm, status: 'over_capacity', usedSeats: 15, assignedSeats: 13, availableSeats: 0 },
    preview,
  },
  {
    name: 'held',
    seats: {
      ...calm,
      status: 'held',
      hold: { code: 'drift', message: 'Stripe shows 14.', observedQuantity: 14, cause: 'portal', since: at },
    },
  },
  { name: 'paused', seats: { ...calm, status: 'paused', pausedReason: 'Maintenance' } },
  { name: 'ended', seats: { ...calm, status: 'ended', availableSeats: 0 } },
  {
    name: 'no subscription',
    seats: {
      ...calm,
      status: 'no_subscription',
      purchasedSeats: 0,
      settledSeats: 0,
      availableSeats: 0,
      usedSeats: 0,
      assignedSeats: 0,
      reservedSeats: 0,
    },
  },
  { name: 'follows use', seats: { ...calm, mode: 'follow' } },
];
