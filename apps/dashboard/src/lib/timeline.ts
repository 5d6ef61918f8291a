import type { ChangeDetailBody } from 'seatbelt/http';
import type { Now, StepState } from './now.ts';

/** One line of the timeline of a change. */
export interface Moment {
  readonly key: string;
  readonly label: string;
  /** What it means, in a plain sentence; empty where the label says it. */
  readonly sentence: string;
  /** ISO 8601; null: it has not come yet. */
  readonly at: string | null;
  readonly state: StepState;
}

interface Telling {
  readonly label: string;
  readonly sentence: string;
  readonly state: StepState;
}

/** What an audit entry means for somebody who waits for the change. Entries that mean nothing to them are not in it. */
const tellings: Readonly<Record<string, Telling>> = {
  change_requested: { label: 'Written', sentence: 'It is in the database and cannot get lost.', state: 'done' },
  change_parked: { label: 'Put aside', sentence: 'It waits for its time; nothing is billed for it.', state: 'done' },
  change_cancel_asked: {
    label: 'Taking it back',
    sentence: 'Somebody asked for that before it took effect.',
    state: 'done',
  },
  change_approved: { label: 'Approved', sentence: 'An owner let it through.', state: 'done' },
  schedule_moved: { label: 'Moved', sentence: 'The paid period ends at another time now.', state: 'done' },
  schedule_due: { label: 'Its time has come', sentence: 'The paid period is about to end.', state: 'done' },
  push_intended: {
    label: 'Asking Stripe',
    sentence: 'One request with the new number, written down before it is sent.',
    state: 'done',
  },
  push_backed_off: {
    label: 'Stripe is busy',
    sentence: 'It ran nothing; it is asked again a little later.',
    state: 'unknown',
  },
  push_in_doubt: {
    label: 'In doubt',
    sentence: 'No clear answer came. It is found out, and cannot charge twice.',
    state: 'unknown',
  },
  push_awaiting_payment: {
    label: 'Waiting for payment',
    sentence: 'Stripe made an invoice that is not paid yet.',
    state: 'done',
  },
  push_withdrawn: {
    label: 'Voiding the invoice',
    sentence: 'Until that is done it can still be paid.',
    state: 'done',
  },
  push_superseded: { label: 'Ended unmade', sentence: 'That request changed nothing at Stripe.', state: 'done' },
  push_confirmed: { label: 'Stripe said yes', sentence: 'The new number is what it bills for.', state: 'done' },
  push_refused: {
    label: 'Not made',
    sentence: 'Stripe did not make it.',
    state: 'stopped',
  },
  change_applied: { label: 'Applied', sentence: 'Both sides agree.', state: 'done' },
  change_rolled_back: { label: 'Rolled back', sentence: 'The number is as it was before.', state: 'stopped' },
};

/** More than anybody reads at a glance: the first step and the last ones. The history has them all. */
const most = 8;

/**
 * What was recorded of the newest change, and what comes next. The recorded part is the audit trail itself, so it is the
 * same after a reload, in another window, and for somebody else.
 * @param detail of the change that is followed. While the screen speaks of a request that is not known as a change yet,
 *   that is an older one, and nothing of it is told.
 */
export function timelineOf(now: Now, detail: ChangeDetailBody | null): Moment[] {
  const audit = detail !== null && now.about.includes(detail.change.id) ? detail.audit : [];
  const recorded = audit.flatMap((entry): Moment[] => {
    const told = Object.hasOwn(tellings, entry.kind) ? tellings[entry.kind] : undefined;
    return told ? [{ key: String(entry.sequence), at: entry.at, ...told }] : [];
  });
  if (recorded.length === 0) {
    return now.steps.map((step) => ({ key: step.label, label: step.label, sentence: '', at: null, state: step.state }));
  }
  const coming = comingOf(now);
  return [...shortened(recorded), ...(coming ? [coming] : [])];
}

/** The first step says that it is written, the last ones where it stands; how many are between is said. */
function shortened(recorded: readonly Moment[]): Moment[] {
  const [first] = recorded;
  if (first === undefined || recorded.length <= most) return [...recorded];
  const last = recorded.slice(2 - most);
  const between: Moment = {
    key: 'between',
    label: `${recorded.length - 1 - last.length} more steps`,
    sentence: 'The history lists each of them.',
    at: null,
    state: 'done',
  };
  return [first, between, ...last];
}

/** The next thing to wait for, while something is under way. */
function comingOf(now: Now): Moment | null {
  const next = (label: string, state: StepState): Moment => ({ key: 'next', label, sentence: '', at: null, state });
  switch (now.stage) {
    case 'waiting':
      return next('Stripe is asked next', 'todo');
    case 'asking':
      return next('Stripe’s answer', 'active');
    case 'in_doubt':
      return next('Finding out', 'active');
    case 'awaiting_payment':
      return next('The payment', 'active');
    case 'rollback_pending':
      return next('Rolling back', 'active');
    case 'scheduled':
      return next('Takes effect when the period ends', 'todo');
    case 'awaiting_approval':
      return next('An owner decides', 'active');
    case 'writing':
    case 'lost':
    case 'unknown':
    case 'idle':
    case 'applied':
    case 'rolled_back':
      return null;
  }
}
