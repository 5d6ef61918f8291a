import type { Logger } from '../alerts/alerts.ts';
import { delayAfter, policy } from '../core/policy.ts';
import { SeatRefused } from '../core/refusals.ts';
import type { Executor } from '../db/executor.ts';
import { InvalidInput, LinkedElsewhere } from '../failures.ts';
import type { ResolvedOrganization, ResolveOrganization } from '../first-purchases.ts';
import type { LinkOptions, LinkReport } from '../link.ts';
import { endUnlinked, postponeUnlinked, takeUnlinked } from '../store/unlinked.ts';
import type { StripeAdapter } from '../stripe/adapter.ts';
import type { SubscriptionFacts } from '../stripe/read-subscription.ts';
import { tooLate, within } from '../within.ts';

export interface FirstPurchases {
  readonly linked: number;
  /** Subscriptions that the host says are none of its own. */
  readonly notOurs: number;
  /** Those that could not be linked as they are: a person has to. */
  readonly refused: number;
  /** Those that are asked about again. */
  readonly waiting: number;
}

interface FirstPurchaseContext {
  readonly database: Executor;
  readonly stripe: Pick<StripeAdapter, 'retrieveSubscription'>;
  readonly logger: Logger;
  /** Whether another one is begun. */
  readonly left: () => boolean;
  readonly resolve: ResolveOrganization;
  readonly link: (organization: string, options: LinkOptions) => Promise<LinkReport>;
  /** Notes that the organization is billed by another subscription already. */
  readonly duplicate: (subscription: string, organization: string) => Promise<void>;
  /** Tells a person of a subscription that is paid for and that nobody can sit in. */
  readonly refused: (subscription: string, why: string) => void;
}

/**
 * Links subscriptions that no account has: the host says whose they are. They were noted by a webhook, the events cursor
 * or the sweep; the first purchase of an organization is known by nothing else, because no quantity of it ever changes.
 */
export async function linkFirstPurchases(context: FirstPurchaseContext): Promise<FirstPurchases> {
  const counts = { linked: 0, notOurs: 0, refused: 0, waiting: 0 };
  for (let asked = 0; asked < policy.firstPurchases && context.left(); asked += 1) {
    const [taken] = await takeUnlinked(context.database, 1, policy.sweepLeaseMs);
    if (taken === undefined) break;
    const { subscription, tries } = taken;
    const end = await linkOne(context, subscription);
    if (end.state === 'waiting') {
      counts.waiting += 1;
      await postponeUnlinked(context.database, subscription, delayAfter(policy.firstPurchaseDelaysMs, tries), end.note);
      continue;
    }
    await endUnlinked(context.database, subscription, end.state, end.note);
    if (end.state === 'linked') counts.linked += 1;
    else if (end.state === 'not_ours') counts.notOurs += 1;
    else {
      counts.refused += 1;
      if (end.told !== true) context.refused(subscription, end.note);
    }
  }
  return counts;
}

interface End {
  readonly state: 'linked' | 'not_ours' | 'refused' | 'waiting';
  readonly note: string;
  /** An incident of the organization tells a person of it. */
  readonly told?: boolean;
}

async function linkOne(context: FirstPurchaseContext, id: string): Promise<End> {
  const read = await context.stripe.retrieveSubscription(id, { timeoutMs: policy.stripeTimeoutMs });
  if (read.kind === 'failed') return { state: 'waiting', note: read.message };
  if (read.kind === 'missing') return { state: 'not_ours', note: 'Stripe knows no such subscription.' };
  const { status } = read.subscription;
  // Nobody has paid for it yet; the event that says so asks again at once.
  if (status === 'incomplete') return { state: 'waiting', note: 'Its first invoice is not paid yet.' };
  if (status === 'canceled' || status === 'incomplete_expired') return { state: 'not_ours', note: `It is ${status}.` };
  const answer = await ask(context, read.subscription);
  if (answer === 'failed')
    return { state: 'waiting', note: 'resolveOrganization threw or did not answer; it is asked again.' };
  if (answer === null) return { state: 'not_ours', note: 'resolveOrganization knows no organization for it.' };
  try {
    const { organization, ...options } = answer;
    const report = await context.link(organization, {
      ...options,
      subscription: id,
      actor: 'seatbelt',
      reason: 'first purchase',
    });
    return { state: 'linked', note: `${report.outcome}: ${organization}` };
  } catch (error) {
    // What the former subscription has left open is over in a while.
    const later = error instanceof SeatRefused && error.code === 'too_many_pending';
    if (later || !(error instanceof InvalidInput || error instanceof SeatRefused)) {
      context.logger.warn({ err: error, subscription: id }, 'A first purchase could not be linked; it is tried again.');
      return { state: 'waiting', note: error instanceof Error ? error.message : String(error) };
    }
    if (!(error instanceof LinkedElsewhere)) return { state: 'refused', note: error.message };
    await context.duplicate(id, answer.organization);
    return { state: 'refused', note: error.message, told: true };
  }
}

async function ask(
  { resolve, logger }: FirstPurchaseContext,
  subscription: SubscriptionFacts,
): Promise<ResolvedOrganization | null | 'failed'> {
  try {
    const answer = await within(resolve(subscription), policy.resolveMs);
    if (answer === tooLate) {
      logger.error({ subscription: subscription.id }, 'resolveOrganization did not answer; it is asked again.');
      return 'failed';
    }
    return typeof answer === 'string' ? { organization: answer } : answer;
  } catch (error) {
    logger.error({ err: error, subscription: subscription.id }, 'resolveOrganization threw; it is asked again.');
    return 'failed';
  }
}
