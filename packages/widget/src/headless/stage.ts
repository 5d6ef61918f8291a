import type { ChangeBody } from 'seatbelt/http';
import type { SeatManagerState } from '../client/manager.ts';
import type { StageName } from './words.ts';

export interface Stage {
  readonly name: StageName;
  /** The change it speaks of, where there is one. */
  readonly change: ChangeBody | null;
  /** Where the payment is made, while one is awaited. */
  readonly paymentUrl: string | null;
}

/** Where things stand, the most urgent first: an open push, what waits, a request of this screen, what ended last. */
export function stageOf({ seats, sending, ending, change }: SeatManagerState): Stage {
  const push = seats?.pending?.push ?? null;
  const waiting = seats?.pending?.changes ?? [];
  const rollback = waiting.find((one) => one.status === 'rollback_pending');
  if (rollback) return { name: 'rollback_pending', change: rollback, paymentUrl: null };
  if (push !== null) {
    const name = push.state === 'intended' ? 'asking' : push.state;
    return { name, change: waiting.at(-1) ?? null, paymentUrl: push.paymentUrl };
  }
  if (sending !== null && waiting.length === 0) {
    return { name: sending.lost > 0 ? 'lost' : 'sending', change: null, paymentUrl: null };
  }
  const latest = waiting.at(-1) ?? change;
  if (latest === null) return { name: 'idle', change: null, paymentUrl: null };
  const paymentUrl = ending?.is === 'answered' && ending.body.change?.id === latest.id ? ending.body.paymentUrl : null;
  return {
    name: latest.status === 'requested' ? 'waiting' : latest.status,
    change: latest,
    paymentUrl: latest.status === 'awaiting_payment' ? (paymentUrl ?? null) : null,
  };
}
