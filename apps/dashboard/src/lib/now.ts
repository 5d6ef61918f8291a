import type { ChangeBody, SeatsBody } from 'seatbelt/http';
import { changeTitle, moneySentence, rolledBackReason } from './change-sentences.ts';
import { seats as countSeats, formatNumber, type Locale } from './format.ts';
import type { Asked } from './own-change.ts';
import { rollingBack } from './rolling-back.ts';

/** How one step of the open change stands. `unknown` is what nobody knows yet. */
export type StepState = 'todo' | 'active' | 'done' | 'unknown' | 'stopped';

export interface NowStep {
  readonly label: string;
  readonly state: StepState;
}

export type Stage =
  | 'idle'
  | 'writing'
  | 'lost'
  | 'unknown'
  | 'waiting'
  | 'asking'
  | 'in_doubt'
  | 'awaiting_payment'
  | 'rollback_pending'
  | 'scheduled'
  | 'awaiting_approval'
  | 'applied'
  | 'rolled_back';

/** What the card "Now" says: where the open change stands and what that means for the money. */
export interface Now {
  readonly stage: Stage;
  /** The changes that it speaks of; none while it speaks of a request of which no change is known yet. */
  readonly about: readonly string[];
  readonly title: string;
  readonly money: string;
  readonly steps: readonly NowStep[];
  /** When the next try or look is due, while one is; ISO 8601. */
  readonly nextAt: string | null;
  readonly paymentUrl: string | null;
}

/** What this screen itself asked for, until the outcome is heard. */
export interface Sending {
  readonly sentence: string;
  /** Tries without an answer so far. */
  readonly lost: number;
  /** The tries are used up, and nobody knows whether one arrived. */
  readonly givenUp: boolean;
}

/** The request while it is under way, and after that while nobody knows whether it arrived; null: nothing is open. */
export function sendingOf(asked: Asked | null): Sending | null {
  if (asked === null || (asked.ending !== null && asked.ending.is !== 'unknown')) return null;
  return { sentence: asked.intention.sentence, lost: asked.lost, givenUp: asked.ending !== null };
}

/** All that the screen has heard. */
export interface Known {
  readonly seats: SeatsBody | undefined;
  /** The counts could not be read any more, so they are those of some time ago. */
  readonly old: boolean;
  readonly sending: Sending | null;
  /** That request is seen as a change already, so that change tells about it. */
  readonly written: boolean;
  /** The newest change that was heard of. */
  readonly last: ChangeBody | null;
}

const writtenLabel = 'Written in the database';
const asked = 'Stripe asked';

/**
 * Puts what is known into one picture, the most urgent thing first: an open push, then changes that wait, then a request
 * of this screen that is still under way, then the change that ended last.
 */
export function nowOf(known: Known, locale: Locale): Now {
  const { seats, old, sending, written, last } = known;
  const pending = seats?.pending ?? null;
  const rollback = rollingBack(seats, last);
  if (rollback) return rollbackPending(rollback, locale);
  if (pending?.push) return openPush(pending.push, pending.changes, locale);
  if (pending && pending.changes.length > 0) return waiting(pending.changes, locale);
  if (sending && !written) return request(sending, old);
  if (last) return openOrEnded(last, locale);
  return {
    stage: 'idle',
    about: [],
    title: 'No change so far',
    money: 'A change is followed here step by step, from the database to Stripe and back.',
    steps: [],
    nextAt: null,
    paymentUrl: null,
  };
}

type Push = NonNullable<NonNullable<SeatsBody['pending']>['push']>;

function openPush(push: Push, changes: readonly ChangeBody[], locale: Locale): Now {
  const title = pushTitle(push, changes, locale);
  const about = changes.map(({ id }) => id);
  const common = { about, title, nextAt: push.nextAt, paymentUrl: push.paymentUrl };
  switch (push.state) {
    case 'intended':
      return {
        ...common,
        stage: 'asking',
        money: 'If Stripe says yes, the new number is billed. If it says no, nothing is charged.',
        steps: steps('done', 'active', 'todo', 'Outcome'),
        nextAt: null,
      };
    case 'in_doubt':
      return {
        ...common,
        stage: 'in_doubt',
        money:
          'No clear answer came back, so nobody knows yet whether the bill changed. The same request is asked again ' +
          'under the same key, which cannot charge twice. It settles by itself.',
        steps: steps('done', 'unknown', 'todo', 'Outcome'),
      };
    case 'awaiting_payment':
      return {
        ...common,
        stage: 'awaiting_payment',
        money: 'Stripe waits for the payment. The new seats can be used once it is made; until then nothing changes.',
        steps: steps('done', 'done', 'active', 'Payment'),
      };
  }
}

function pushTitle(push: Push, changes: readonly ChangeBody[], locale: Locale): string {
  const target = `${formatNumber(push.fromSeats, locale)} to ${countSeats(push.targetSeats, locale)}`;
  const more = changes.length - 1;
  if (more <= 0) return `From ${target}`;
  return `From ${target}, for ${formatNumber(changes.length, locale)} changes at once`;
}

function rollbackPending(change: ChangeBody, locale: Locale): Now {
  return {
    stage: 'rollback_pending',
    about: [change.id],
    title: changeTitle(change, locale),
    money:
      'Stripe refused, so nothing was charged. Putting the old number back could not be written yet; ' +
      'it is tried again until it is.',
    steps: [
      { label: writtenLabel, state: 'done' },
      { label: 'Stripe refused', state: 'stopped' },
      { label: 'Rolling back', state: 'active' },
    ],
    nextAt: null,
    paymentUrl: null,
  };
}

function waiting(changes: readonly ChangeBody[], locale: Locale): Now {
  const [first] = changes;
  const title =
    changes.length === 1 && first ? changeTitle(first, locale) : `${formatNumber(changes.length, locale)} changes`;
  return {
    stage: 'waiting',
    about: changes.map(({ id }) => id),
    title,
    money: 'Written down, and Stripe has not been asked yet. Nothing is charged so far.',
    steps: steps('done', 'todo', 'todo', 'Outcome'),
    nextAt: null,
    paymentUrl: null,
  };
}

function request(sending: Sending, old: boolean): Now {
  if (sending.givenUp) return unknown(sending);
  return sending.lost > 0 ? lost(sending) : writing(sending, old);
}

function writing(sending: Sending, old: boolean): Now {
  return {
    stage: 'writing',
    about: [],
    title: sending.sentence,
    money: old
      ? 'Sent. How far it is cannot be read at the moment. It is written down first, and Stripe is asked only after that.'
      : 'It is written down first, and Stripe is asked only after that.',
    steps: steps(old ? 'unknown' : 'active', 'todo', 'todo', 'Outcome'),
    nextAt: null,
    paymentUrl: null,
  };
}

function lost(sending: Sending): Now {
  return {
    stage: 'lost',
    about: [],
    title: sending.sentence,
    money:
      'The server did not answer, so it is not known whether the request arrived. ' +
      'It is sent again with the same key: if it arrived the first time, it does not count twice.',
    steps: steps('unknown', 'todo', 'todo', 'Outcome'),
    nextAt: null,
    paymentUrl: null,
  };
}

function unknown(sending: Sending): Now {
  return {
    stage: 'unknown',
    about: [],
    title: sending.sentence,
    money:
      'No answer came, so nobody knows whether the request arrived. If it did, the change is carried out; if not, ' +
      'nothing is charged. Asking again is safe: it has the same key and cannot count twice.',
    steps: steps('unknown', 'todo', 'todo', 'Outcome'),
    nextAt: null,
    paymentUrl: null,
  };
}

function openOrEnded(change: ChangeBody, locale: Locale): Now {
  const common = { about: [change.id], title: changeTitle(change, locale), nextAt: null, paymentUrl: null };
  switch (change.status) {
    case 'applied':
      return {
        ...common,
        stage: 'applied',
        money: moneySentence(change, locale),
        steps:
          change.seatsAfter === change.seatsBefore
            ? [
                { label: writtenLabel, state: 'done' },
                { label: 'Applied, without Stripe', state: 'done' },
              ]
            : steps('done', 'done', 'done', 'Applied'),
      };
    case 'rolled_back':
      return {
        ...common,
        stage: 'rolled_back',
        money: `${rolledBackReason(change)} ${moneySentence(change, locale)}`,
        // Only a payment is sure to have been Stripe's no; a rule of ours may have ended it. What was recorded of it tells.
        steps: change.payment
          ? steps('done', 'done', 'stopped', 'Rolled back')
          : [
              { label: writtenLabel, state: 'done' },
              { label: 'Rolled back', state: 'stopped' },
            ],
      };
    case 'rollback_pending':
      return rollbackPending(change, locale);
    case 'in_doubt':
      return {
        ...common,
        stage: 'in_doubt',
        money: 'Nobody knows yet what Stripe did. It is being found out and settles by itself.',
        steps: steps('done', 'unknown', 'todo', 'Outcome'),
      };
    case 'awaiting_payment':
      return {
        ...common,
        stage: 'awaiting_payment',
        money: 'Stripe waits for the payment. Until it is made, nothing changes.',
        steps: steps('done', 'done', 'active', 'Payment'),
      };
    case 'scheduled':
      return {
        ...common,
        stage: 'scheduled',
        money: 'Planned for the end of the billing period. Until then the bill stays the same.',
        steps: steps('done', 'todo', 'todo', 'Outcome'),
      };
    case 'awaiting_approval':
      return {
        ...common,
        stage: 'awaiting_approval',
        money: 'It is above the limit for one day, so an owner has to approve it. Nothing is charged so far.',
        steps: [
          { label: writtenLabel, state: 'done' },
          { label: 'Approval', state: 'active' },
          { label: asked, state: 'todo' },
        ],
      };
    case 'requested':
      return {
        ...common,
        stage: 'waiting',
        money: 'Written down and on its way. The outcome is not known yet.',
        steps: steps('done', 'active', 'todo', 'Outcome'),
      };
  }
}

function steps(first: StepState, second: StepState, third: StepState, thirdLabel: string): NowStep[] {
  return [
    { label: writtenLabel, state: first },
    { label: asked, state: second },
    { label: thirdLabel, state: third },
  ];
}

/** Stages in which something is still under way, so that the screen asks every second. */
export function isOpen(stage: Stage): boolean {
  return !['idle', 'applied', 'rolled_back', 'scheduled', 'awaiting_approval'].includes(stage);
}
