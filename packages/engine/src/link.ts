import { isItemMissing } from './core/operators.ts';
import { quantityFor, seatsFor } from './core/quantity-for.ts';
import { SeatRefused } from './core/refusals.ts';
import type { State, StripeLink, Terms, TermsInput } from './core/types.ts';
import type { Database } from './db/executor.ts';
import { InvalidInput, LinkedElsewhere, StripeUnavailable } from './failures.ts';
import { distinctNames, plainText, plainTextOrNull, termsOver, wholeSeats } from './input.ts';
import { claimSubscription, createAccount, refuseSharedSubscription } from './store/link-account.ts';
import type { AccountKey } from './store/store.ts';
import type { StripeAdapter } from './stripe/adapter.ts';

export interface LinkOptions {
  /** The Stripe subscription that bills this organization; null makes an account that has none yet. */
  readonly subscription: string | null;
  /** The item that bills the seats. Needed where the subscription has several. */
  readonly item?: string;
  /** The seats your database says were bought. Default: what Stripe bills. */
  readonly seats?: number;
  /** Seats in use without a named holder. */
  readonly used?: number;
  /** Who holds seats already. */
  readonly holders?: readonly string[];
  /** How this organization is billed, where that differs from the engine's own `terms`. */
  readonly terms?: TermsInput;
  /** Where `seats` and Stripe differ: hold the account and ask (default), or let one side count. */
  readonly onMismatch?: 'hold' | 'stripe' | 'database';
  readonly actor?: string;
  readonly reason?: string;
}

export interface LinkReport {
  readonly organization: string;
  readonly outcome: 'linked' | 'already_linked' | 'relinked' | 'held';
  readonly seats: number;
  readonly stripeQuantity: number | null;
}

interface LinkContext {
  readonly database: Database;
  readonly stripe: Pick<StripeAdapter, 'retrieveSubscription'>;
  readonly now: () => Promise<number>;
  readonly lookTimeoutMs: number;
  readonly terms: Terms;
  readonly state: () => Promise<State | null>;
  readonly advance: () => Promise<void>;
  readonly resolve: (by: 'stripe' | 'database', actor: string, reason: string) => Promise<State>;
  readonly relink: (link: StripeLink, actor: string, reason: string | null) => Promise<State>;
}

/** Adopts a subscription. Running it twice changes nothing; what differs is held, or settled as the caller says. */
export async function linkAccount(context: LinkContext, key: AccountKey, options: LinkOptions): Promise<LinkReport> {
  const actor = plainText('actor', options.actor ?? 'host');
  const reason = plainTextOrNull('reason', options.reason);
  const terms = termsOver(context.terms, options.terms);
  const found = options.subscription === null ? null : await findItem(context, options.subscription, options.item);
  const present = await context.state();
  if (found !== null) await refuseSharedSubscription(context.database, key, found.link);

  if (present === null) {
    const billed = found ? seatsFor(found.quantity, terms, options.seats ?? found.quantity + terms.includedSeats) : 0;
    const holders = distinctNames(options.holders ?? []);
    const seats = options.seats === undefined ? billed : wholeSeats('seats', options.seats, 0);
    const account = {
      link: found?.link ?? null,
      terms,
      seats: options.onMismatch === 'stripe' ? billed : seats,
      anonymousAssigned: options.used === undefined ? 0 : wholeSeats('used', options.used, 0),
      holders,
      actor,
      reason,
      now: await context.now(),
    };
    const created = await context.database.transaction(async (tx) => {
      if (found !== null) await claimSubscription(tx, key, found.link);
      return createAccount(tx, key, account);
    });
    if (!created) {
      // One item bills one account; that of another organization is found by the unique index on it.
      if (found && (await context.state()) === null) {
        throw new InvalidInput(
          'item',
          `The item ${found.link.item} of ${found.link.subscription} bills another organization already.`,
        );
      }
      // Somebody was faster, perhaps with another subscription: what is asked for now is asked of the account that is there.
      return linkAccount(context, key, options);
    }
    // The first look comes with the account: a difference is found now, not at the next change.
    await context.advance();
    return settleMismatch(context, key, options, actor, 'linked', found?.quantity ?? null);
  }

  const { link, status } = present.account;
  const same = link !== null && found !== null && link.item === found.link.item && status !== 'ended';
  if (same || found === null) {
    await context.advance();
    return settleMismatch(context, key, options, actor, 'already_linked', found?.quantity ?? null);
  }
  if (link !== null && status !== 'ended' && !isItemMissing(present.account.hold)) {
    throw linkedElsewhere(link);
  }
  const relinked = (await context.relink(found.link, actor, reason)).account.link;
  // Somebody was faster, and that subscription has not ended.
  if (relinked !== null && relinked.item !== found.link.item) throw linkedElsewhere(relinked);
  await context.advance();
  return settleMismatch(context, key, options, actor, 'relinked', found.quantity);
}

function linkedElsewhere({ subscription }: StripeLink): LinkedElsewhere {
  const message = `The organization is linked to ${subscription} already, and that has not ended.`;
  return new LinkedElsewhere('subscription', message);
}

async function settleMismatch(
  context: LinkContext,
  key: AccountKey,
  options: LinkOptions,
  actor: string,
  outcome: LinkReport['outcome'],
  stripeQuantity: number | null,
): Promise<LinkReport> {
  let state = await context.state();
  if (state === null) throw new Error('Bug: the account was just written and is gone.');
  if (state.account.hold !== null && options.onMismatch !== undefined && options.onMismatch !== 'hold') {
    state = await context.resolve(
      options.onMismatch,
      actor,
      options.reason ?? `link --on-mismatch ${options.onMismatch}`,
    );
  }
  const held = state.account.hold !== null;
  return {
    organization: key.organization,
    outcome: held ? 'held' : outcome,
    seats: state.account.seatCount,
    stripeQuantity:
      stripeQuantity ?? (state.account.link ? quantityFor(state.account.settledSeats, state.account.terms) : null),
  };
}

/** The item by its id, or the only one there is; never by position. */
async function findItem(
  context: LinkContext,
  subscription: string,
  item: string | undefined,
): Promise<{ link: StripeLink; quantity: number }> {
  const result = await context.stripe.retrieveSubscription(plainText('subscription', subscription), {
    timeoutMs: context.lookTimeoutMs,
  });
  if (result.kind === 'missing') throw new SeatRefused({ code: 'no_subscription', message: result.message });
  if (result.kind === 'failed') throw new StripeUnavailable(`Stripe could not be read: ${result.message}`);
  const { items, moreItems, customer, id, status } = result.subscription;
  if (status === 'canceled' || status === 'incomplete_expired') {
    throw new SeatRefused({ code: 'subscription_not_changeable', message: `The subscription ${id} is ${status}.` });
  }
  const licensed = items.filter((candidate) => candidate.quantity !== null);
  const chosen =
    item === undefined
      ? licensed.length === 1 && !moreItems
        ? licensed[0]
        : undefined
      : items.find((candidate) => candidate.id === item);
  if (!chosen || chosen.quantity === null) {
    const known = items.map((candidate) => candidate.id).join(', ');
    throw new InvalidInput(
      'item',
      item === undefined
        ? `The subscription has ${items.length} items (${known}); name the one that bills the seats.`
        : `The subscription has no item ${item} with a quantity; it has ${known}.`,
    );
  }
  return { link: { customer, subscription: id, item: chosen.id }, quantity: chosen.quantity };
}
