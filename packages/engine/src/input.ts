import { contradictionIn } from './core/billing-policy.ts';
import { policy } from './core/policy.ts';
import { SeatRefused } from './core/refusals.ts';
import { mergedTerms } from './core/terms.ts';
import type { BillingBehavior, ForeignAnswer, ForeignCause, QuantitiesSeen, Terms, TermsInput } from './core/types.ts';
import { InvalidInput } from './failures.ts';

/**
 * The edge: what may enter the engine. Nothing is clamped, trimmed or floored; what does not fit is refused with its
 * field's name. One NUL or lone surrogate would fail a whole joint commit in PostgreSQL, so it is stopped here.
 */

/** A whole number of seats, from `least` to 1,000,000. */
export function wholeSeats(field: string, value: unknown, least: 0 | 1): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > policy.seatsLimit) {
    throw new InvalidInput(field, `${field} must be a whole number from ${least} to ${policy.seatsLimit}.`);
  }
  return value;
}

/** Which of the two an operator says counts. */
export function side(field: string, value: unknown): 'stripe' | 'database' {
  if (value !== 'stripe' && value !== 'database') throw new InvalidInput(field, `${field} must be stripe or database.`);
  return value;
}

/** Quantities as Stripe bills them, which may be more than we let anybody buy. */
export function quantitiesSeen(field: string, value: QuantitiesSeen): QuantitiesSeen {
  if (typeof value !== 'object' || value === null) throw new InvalidInput(field, `${field} must be two quantities.`);
  const { observed, expected } = value;
  const isQuantity = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0;
  if (observed !== null && !isQuantity(observed)) {
    throw new InvalidInput(`${field}.observed`, `${field}.observed must be a whole number from 0, or null.`);
  }
  if (!isQuantity(expected)) {
    throw new InvalidInput(`${field}.expected`, `${field}.expected must be a whole number from 0.`);
  }
  return { observed, expected };
}

/** Text of 1 to 200 characters that PostgreSQL can store. */
export function plainText(field: string, value: unknown): string {
  if (typeof value !== 'string' || value.length === 0 || value.length > policy.textLimit) {
    throw new InvalidInput(field, `${field} must be text of 1 to ${policy.textLimit} characters.`);
  }
  if (value.includes('\u0000') || !value.isWellFormed()) {
    throw new InvalidInput(field, `${field} has a character that cannot be stored (NUL or half of a surrogate pair).`);
  }
  return value;
}

export function plainTextOrNull(field: string, value: unknown): string | null {
  return value === undefined || value === null ? null : plainText(field, value);
}

/** Names of holders: each once, and as many as `quantity`. */
export function holderNames(value: readonly unknown[] | undefined, quantity: number): string[] | undefined {
  if (value === undefined) return undefined;
  const names = distinctNames(value);
  countFits(names.length, quantity);
  return names;
}

/** Names of holders: each once. */
export function distinctNames(value: readonly unknown[]): string[] {
  const names = value.map((name, index) => plainText(`holders[${index}]`, name));
  distinct(names, 'holders');
  return names;
}

/** Pairs of holders for a transfer; a bare name keeps its seat and only changes its state. */
export function holderMoves(
  value: readonly (string | { readonly from: string; readonly to: string })[] | undefined,
  quantity: number,
): { from: string; to: string }[] | undefined {
  if (value === undefined) return undefined;
  const moves = value.map((move, index) => {
    const pair = typeof move === 'string' ? { from: move, to: move } : move;
    return {
      from: plainText(`holders[${index}].from`, pair.from),
      to: plainText(`holders[${index}].to`, pair.to),
    };
  });
  countFits(moves.length, quantity);
  distinct(
    moves.map(({ from }) => from),
    'holders',
  );
  distinct(
    moves.map(({ to }) => to),
    'holders',
  );
  return moves;
}

function countFits(count: number, quantity: number): void {
  if (count !== quantity) throw new InvalidInput('holders', `holders names ${count}, but quantity is ${quantity}.`);
}

function distinct(names: readonly string[], field: string): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new InvalidInput(field, `${field} names ${JSON.stringify(name)} twice.`);
    seen.add(name);
  }
}

/** `named` over `base`, as `wholeTerms`. */
export function termsOver(base: Terms, named: TermsInput = {}): Terms {
  return wholeTerms(mergedTerms(base, named));
}

/**
 * The terms of an organization, whole: every number of seats is a whole one, every behaviour one of Stripe's words, and
 * together they mean what they say. Half a seat or a missing number would be found by Stripe or by nobody.
 * @throws InvalidInput for a value, SeatRefused `terms_contradict` for values that do not go together.
 */
export function wholeTerms(terms: Terms): Terms {
  if (!modes.has(terms.mode)) throw new InvalidInput('terms.mode', 'terms.mode must be prepaid or follow.');
  const { when } = terms.decrease;
  if (when !== 'now' && when !== 'period_end')
    throw new InvalidInput('terms.decrease.when', 'terms.decrease.when must be now or period_end.');
  const whole: Terms = {
    mode: terms.mode,
    minimumSeats: wholeSeats('terms.minimumSeats', terms.minimumSeats, 0),
    maximumSeats: terms.maximumSeats === null ? null : wholeSeats('terms.maximumSeats', terms.maximumSeats, 0),
    includedSeats: wholeSeats('terms.includedSeats', terms.includedSeats, 0),
    minimumQuantity: wholeSeats('terms.minimumQuantity', terms.minimumQuantity, 0),
    increase: behavior('terms.increase', terms.increase),
    onForeignChange: answers('terms.onForeignChange', terms.onForeignChange),
    decrease: { ...behavior('terms.decrease', terms.decrease), when },
    settleMs: milliseconds('terms.settleMs', terms.settleMs),
    maxWaitMs: milliseconds('terms.maxWaitMs', terms.maxWaitMs),
    guard: {
      seatsPerDay: bound('terms.guard.seatsPerDay', terms.guard.seatsPerDay),
      amountPerDay: bound('terms.guard.amountPerDay', terms.guard.amountPerDay),
    },
  };
  const contradiction = contradictionIn(whole);
  if (contradiction) {
    throw new SeatRefused({ code: 'terms_contradict', message: `${contradiction.field}: ${contradiction.message}` });
  }
  return whole;
}

/** A wait of an organization's own choosing; longer than an hour and a renewal would hardly be in between. */
function milliseconds(field: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > policy.settleLimitMs) {
    throw new InvalidInput(field, `${field} must be a whole number of milliseconds from 0 to ${policy.settleLimitMs}.`);
  }
  return value;
}

function bound(field: string, value: unknown): number | null {
  if (value === null) return null;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidInput(field, `${field} must be a whole number from 0, or null for no bound.`);
  }
  return value;
}

/** A name that is no cause would never be asked for, and a misspelt answer would hold nobody. */
function answers(field: string, given: Terms['onForeignChange']): Terms['onForeignChange'] {
  for (const [cause, answer] of Object.entries(given)) {
    if (!foreignCauses.has(cause))
      throw new InvalidInput(
        field,
        `${field} names ${JSON.stringify(cause)}; it may name ${[...foreignCauses].join(', ')}.`,
      );
    if (!foreignAnswers.has(answer))
      throw new InvalidInput(field, `${field}.${cause} must be one of ${[...foreignAnswers].join(', ')}.`);
  }
  return given;
}

function behavior(field: string, value: BillingBehavior): BillingBehavior {
  const { prorationBehavior, paymentBehavior } = value;
  if (!prorationBehaviors.has(prorationBehavior))
    throw new InvalidInput(field, `${field}.prorationBehavior must be one of ${[...prorationBehaviors].join(', ')}.`);
  if (!paymentBehaviors.has(paymentBehavior))
    throw new InvalidInput(field, `${field}.paymentBehavior must be one of ${[...paymentBehaviors].join(', ')}.`);
  return { prorationBehavior, paymentBehavior };
}

const modes: ReadonlySet<string> = new Set<Terms['mode']>(['prepaid', 'follow']);
const prorationBehaviors: ReadonlySet<string> = new Set<BillingBehavior['prorationBehavior']>([
  'create_prorations',
  'always_invoice',
  'none',
]);
const paymentBehaviors: ReadonlySet<string> = new Set<BillingBehavior['paymentBehavior']>([
  'allow_incomplete',
  'pending_if_incomplete',
  'error_if_incomplete',
  'default_incomplete',
]);

const foreignCauses: ReadonlySet<string> = new Set<ForeignCause>([
  'portal',
  'dashboard',
  'other_program',
  'schedule_phase',
  'pending_update',
  'extra_item',
  'price_replaced',
  'unknown',
]);
const foreignAnswers: ReadonlySet<string> = new Set<ForeignAnswer>(['adopt', 'revert', 'hold']);

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** An id of a change; another shape cannot be one of ours. */
export function isChangeId(value: string): boolean {
  return uuid.test(value);
}
