import type { ChangeBody } from 'seatbelt/http';

/** A change as the server tells it. */
export const change: ChangeBody = {
  id: 'change',
  kind: 'set',
  status: 'requested',
  quantity: 12,
  seatsBefore: 10,
  seatsAfter: 12,
  actor: 'someone',
  reason: null,
  code: null,
  message: null,
  payment: false,
  supersededBy: null,
  requestedAt: '2026-11-22T10:00:00.000Z',
  endedAt: null,
  waitsUntil: null,
  url: '/',
};
