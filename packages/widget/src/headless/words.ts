import type { SeatsBody } from 'seatbelt/http';

/** Everything the widget says, so that a host can say it in another language. Numbers come written for the viewer's locale. */
export interface Words {
  readonly title: string;
  readonly seats: (count: number, written: string) => string;
  readonly assigned: string;
  readonly reserved: string;
  readonly available: string;
  readonly purchased: string;
  readonly numberOfSeats: string;
  readonly oneMore: string;
  readonly oneFewer: string;
  readonly change: (to: string | null) => string;
  readonly undo: string;
  readonly working: string;
  readonly again: string;
  readonly close: string;
  readonly pay: string;
  readonly scheduled: (seats: string, date: string | null) => string;
  readonly awaitingApproval: (seats: string) => string;
  readonly takeBack: string;
  readonly takeBackUnknown: string;
  readonly pastDue: string;
  readonly loading: string;
  readonly readOnly: string;
  readonly notWhole: (most: string) => string;
  readonly belowUsed: (used: string, toFree: string) => string;
  readonly belowMinimum: (minimum: string) => string;
  readonly aboveMaximum: (maximum: string) => string;
  readonly movedMeanwhile: (now: string) => string;
  readonly followsUse: string;
  readonly price: {
    readonly asking: string;
    readonly unknown: string;
    readonly today: (difference: string, amount: string) => string;
    readonly givesBack: (difference: string, amount: string) => string;
    readonly nothingToday: (difference: string) => string;
    readonly renewal: (amount: string, date: string | null) => string;
    /** `2 seats more`, `1 seat fewer`. */
    readonly difference: (seats: string, grows: boolean) => string;
  };
  readonly account: Readonly<Record<Exclude<SeatsBody['status'], 'active'>, string>>;
  readonly stage: Readonly<Record<StageName, string>>;
  readonly refused: string;
  readonly notWritten: string;
  readonly unknown: string;
  readonly stale: string;
  readonly unreachable: string;
  readonly turnedAway: string;
}

/** Where the newest change stands. */
export type StageName =
  | 'idle'
  | 'sending'
  | 'lost'
  | 'waiting'
  | 'asking'
  | 'in_doubt'
  | 'awaiting_payment'
  | 'rollback_pending'
  | 'scheduled'
  | 'awaiting_approval'
  | 'applied'
  | 'rolled_back';

const plural = new Intl.PluralRules('en');

export const english: Words = {
  title: 'Seats',
  seats: (count, written) => `${written} ${plural.select(count) === 'one' ? 'seat' : 'seats'}`,
  assigned: 'Assigned',
  reserved: 'Reserved',
  available: 'Available',
  purchased: 'Purchased',
  numberOfSeats: 'Number of seats',
  oneMore: 'One seat more',
  oneFewer: 'One seat fewer',
  change: (to) => (to === null ? 'Change' : `Change to ${to}`),
  undo: 'Undo',
  working: 'Working…',
  again: 'Ask again',
  close: 'Close',
  pay: 'Pay now',
  scheduled: (seats, date) =>
    `${seats} from ${date ?? 'the end of the billing period'} on. Until then the bill stays the same.`,
  awaitingApproval: (seats) => `${seats}: an owner has to approve it. Nothing is charged so far.`,
  takeBack: 'Take it back',
  takeBackUnknown: 'No answer came, so it is not known whether it was taken back. Look again in a moment.',
  pastDue: 'An invoice is open. Seats stay as they are; pay it to buy more.',
  loading: 'Reading the seats…',
  readOnly: 'You can see the seats. An owner or admin can change them.',
  notWhole: (most) => `Enter a whole number from 1 to ${most}.`,
  belowUsed: (used, toFree) => `${used} are in use. Free ${toFree} first.`,
  belowMinimum: (minimum) => `Your contract has at least ${minimum}.`,
  aboveMaximum: (maximum) => `At most ${maximum} are allowed.`,
  movedMeanwhile: (now) => `It changed to ${now} while you were choosing.`,
  followsUse: 'Billing follows the seats in use.',
  price: {
    asking: 'Asking Stripe for the price…',
    unknown: 'The price is not known at the moment.',
    today: (difference, amount) => `${difference}: ${amount} today.`,
    givesBack: (difference, amount) => `${difference}: a credit of ${amount} on the next invoice.`,
    nothingToday: (difference) => `${difference}: nothing today.`,
    renewal: (amount, date) => `The next invoice${date === null ? '' : `, on ${date},`} asks for ${amount}.`,
    difference: (seats, grows) => `${seats} ${grows ? 'more' : 'fewer'}`,
  },
  account: {
    over_capacity: 'More seats are in use than are paid for. Free some or buy more.',
    held: 'Stripe and our records differ. Seats cannot grow until that is resolved; nobody loses access.',
    paused: 'Changes are paused for the moment. Nothing is charged meanwhile.',
    ended: 'The subscription has ended.',
    no_subscription: 'There is no subscription yet.',
  },
  stage: {
    idle: '',
    sending: 'It is written down first, and Stripe is asked only after that.',
    lost: 'The server did not answer, so it is not known whether the request arrived. It is sent again and cannot count twice.',
    waiting: 'Written down. Stripe has not been asked yet; nothing is charged so far.',
    asking: 'Stripe is being asked. If it says no, nothing is charged.',
    in_doubt: 'Nobody knows yet what Stripe did. It is being found out, cannot charge twice, and settles by itself.',
    awaiting_payment: 'Stripe waits for the payment. Until it is made, nothing changes.',
    rollback_pending: 'Stripe refused, so nothing was charged. The old number is being put back.',
    scheduled: 'Planned for the end of the billing period. Until then the bill stays the same.',
    awaiting_approval: 'It is above the limit for one day, so an owner has to approve it. Nothing is charged so far.',
    applied: 'Done. Stripe has confirmed it.',
    rolled_back: 'It was not made. Nothing was charged and the number is as before.',
  },
  refused: 'Nothing was changed and nothing was charged.',
  notWritten: 'The server could not write it. Nothing was changed and nothing was charged. Try again.',
  unknown: 'No answer came. It may have happened; asking again tells, and cannot count twice.',
  stale: 'The server does not answer. These numbers are of some time ago.',
  unreachable: 'The server does not answer. Trying again…',
  turnedAway: 'You have no access to these seats.',
};
