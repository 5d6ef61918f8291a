import type { LinkOptions } from './link.ts';
import type { SubscriptionFacts } from './stripe/read-subscription.ts';

/** What the host answers about a subscription that no organization is linked to. */
export interface ResolvedOrganization
  extends Pick<LinkOptions, 'item' | 'seats' | 'used' | 'holders' | 'terms' | 'onMismatch'> {
  readonly organization: string;
}

/**
 * Whose subscription is this? The id of the organization, or that with what `link` takes besides, or null for a subscription
 * that has nothing to do with seats.
 */
export type ResolveOrganization = (
  subscription: SubscriptionFacts,
) => string | ResolvedOrganization | null | Promise<string | ResolvedOrganization | null>;
