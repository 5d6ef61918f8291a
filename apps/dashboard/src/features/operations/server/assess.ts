import { quantityFor } from 'seatbelt';
import type { State } from 'seatbelt/operator';
import type { StaffAction, WrongAccount } from '../contract.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * Whether an organization is billed, or may be billed, wrongly, and what can be done about it; null: it is not. Pure:
 * everything follows from the state. The price is for whoever can read Stripe.
 */
export function assess({ account, installationPaused }: State): WrongAccount | null {
  const { hold, push, organization, terms } = account;
  const paused = account.pausedReason !== null;
  const stopped = paused || installationPaused !== null;
  const expected = quantityFor(account.settledSeats, terms);
  if (hold !== null) {
    // An item that shows what was agreed on is held for another reason, and nobody pays for a wrong number.
    if (hold.observedQuantity === expected) return null;
    return {
      organization,
      kind: 'differs',
      expected,
      observed: hold.observedQuantity,
      cause: hold.cause,
      since: iso(hold.since),
      unit: null,
      paused,
      healsByItself: false,
      nextAt: account.nextLookAt === null ? null : iso(account.nextLookAt),
      actions: waysOut(hold.observedQuantity, hold.cause === 'lost_write', paused),
    };
  }
  if (push?.state === 'in_doubt' && push.from.quantity !== push.target.quantity) {
    return {
      organization,
      kind: 'in_doubt',
      expected,
      observed: push.target.quantity,
      cause: null,
      since: iso(push.doubt?.since ?? push.intendedAt),
      unit: null,
      paused,
      // While writing is paused, here or everywhere, nothing is sent, so nothing is settled either.
      healsByItself: !stopped,
      nextAt: stopped ? null : iso(push.nextAt),
      actions: paused ? ['resume'] : [],
    };
  }
  return null;
}

/**
 * The safest first. Taking what Stripe bills writes nothing to Stripe, so no bill moves and it can be changed again; a late
 * write of our own is the exception, because nobody ever agreed to it.
 */
function waysOut(observed: number | null, ours: boolean, paused: boolean): readonly StaffAction[] {
  const rest: readonly StaffAction[] = [paused ? 'resume' : 'hold'];
  if (observed === null) return rest;
  return ours ? ['revert', 'adopt', ...rest] : ['adopt', 'revert', ...rest];
}
