import type { SweepFinding } from 'seatbelt';
import { formatNumber, type Locale } from '#lib/format.ts';
import { formatMoney } from '#lib/money.ts';
import type { MoneyAtRisk, OperationsBody, StaffAction, WrongAccount } from './contract.ts';

/** Why Stripe shows another number, as a person says it. */
export const causeWords: Record<Exclude<WrongAccount['cause'], null>, string> = {
  portal: 'changed in the customer portal',
  dashboard: "changed in Stripe's dashboard",
  other_program: 'changed by another program',
  schedule_phase: 'changed by a schedule',
  pending_update: 'a pending update was applied',
  extra_item: 'another item was added',
  price_replaced: 'the price was replaced',
  unknown: 'the evidence does not say who changed it',
  lost_write: 'a late write of our own',
  duplicate_subscription: 'a second subscription of the same customer',
  item_missing: 'the item is gone',
};

export function causeSentence(cause: WrongAccount['cause']): string {
  return cause === null ? 'no cause was recorded' : causeWords[cause];
}

/** What it is about, in a sentence. */
export function whatIsWrong({ kind, expected, observed }: WrongAccount, locale: Locale): string {
  const agreed = formatNumber(expected, locale);
  if (observed === null) return `Agreed on ${agreed}; Stripe shows no item at all.`;
  const billed = formatNumber(observed, locale);
  if (kind === 'in_doubt') return `Agreed on ${agreed}; Stripe may bill ${billed} already.`;
  const by = formatNumber(Math.abs(observed - expected), locale);
  return observed > expected
    ? `Agreed on ${agreed}; Stripe bills ${billed}, ${by} too many.`
    : `Agreed on ${agreed}; Stripe bills ${billed}, ${by} too few.`;
}

/** What the difference costs, or that nobody knows. */
export function costOf({ unit, observed, expected }: WrongAccount, locale: Locale): string {
  if (unit === null || observed === null) return 'unknown';
  return money({ ...unit, amount: Math.abs(observed - expected) * unit.amount }, locale);
}

export function money({ amount, currency, interval }: MoneyAtRisk, locale: Locale): string {
  return `${formatMoney(amount, currency, locale)} a ${interval}`;
}

/** Staff write what they would not tell a customer where they think that nobody else reads it. */
const notShown = "The organization's screens do not show the reason.";

/** What each button does to the money, and who reads why it was pressed, before it is pressed. */
export function actionWords(
  action: StaffAction,
  account: Pick<WrongAccount, 'observed' | 'expected'>,
): {
  readonly label: string;
  readonly effect: string;
  readonly readers: string;
} {
  switch (action) {
    case 'adopt':
      return {
        label: `Adopt ${account.observed ?? ''}`.trim(),
        effect: 'What Stripe bills counts from now on. Nothing is written to Stripe and no bill moves.',
        // The engine gives it as the reason of the changes that it rolls back.
        readers: 'The organization reads the reason, word for word, in its history where this rolls a change back.',
      };
    case 'revert':
      return {
        label: `Put back ${account.expected}`,
        effect: 'Stripe is told to bill what was agreed on. This changes the bill, as the terms prorate it.',
        readers: notShown,
      };
    case 'hold':
      return {
        label: 'Hold',
        effect: 'Nothing is written to Stripe for this organization until somebody resumes.',
        readers: 'Every member of the organization reads the reason, word for word, for as long as it is on hold.',
      };
    case 'resume':
      return { label: 'Resume', effect: 'Writes to Stripe go on for this organization.', readers: notShown };
  }
}

/** Whether it grows, in a sentence that says against when. */
export function trendSentence({ accounts, trend }: OperationsBody['wrong'], time: (iso: string) => string): string {
  const { began, ended, before } = trend;
  const since = time(trend.since);
  if (before === 0 && accounts.length === 0 && ended === 0) return `Not growing: there was nobody at ${since} either.`;
  const moved = `${began === 0 ? 'none' : began} came and ${ended === 0 ? 'none was' : ended === 1 ? '1 was' : `${ended} were`} put right`;
  if (began > ended) return `Growing: since ${since}, ${moved}.`;
  if (began < ended) return `Shrinking: since ${since}, ${moved}.`;
  return `Not growing: since ${since}, ${moved}.`;
}

const sweepAnswers: Record<SweepFinding['answer'], string> = {
  adopted: 'adopted',
  put_back: 'put back',
  held: 'held for a person',
  ended: 'ended',
  being_written: 'being written',
  left_to_another_process: 'left to another process',
  asked: 'the host is asked',
  told: 'an incident was opened',
  would_adopt: 'would be adopted',
  would_put_back: 'would be put back',
  would_hold: 'would be held',
  would_end: 'would be ended',
  would_ask: 'the host would be asked',
  would_tell: 'an incident would be opened',
  reported: 'reported only',
  unreadable: 'could not be read',
};

export function findingSentence({ expectedQuantity, observedQuantity, cause, answer, note }: SweepFinding): string {
  const numbers =
    expectedQuantity === null ? note : `agreed on ${expectedQuantity}, Stripe shows ${observedQuantity ?? 'no item'}`;
  return `${numbers}${cause === null ? '' : ` (${causeWords[cause]})`}: ${sweepAnswers[answer]}.`;
}

/** What was said, each as a sentence of its own, whoever wrote a full stop and whoever did not. */
export function afterColon(texts: readonly (string | null)[]): string {
  const sentences = texts.filter((text) => text !== null).map((text) => (/[.!?]$/.test(text) ? text : `${text}.`));
  return sentences.length === 0 ? '' : `: ${sentences.join(' ')}`;
}

/** A length of time as people say it. */
export function lasting(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
