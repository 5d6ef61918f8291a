import type { Random } from '../../random.ts';
import type { AgreedOrganization, Story, Want } from '../checker/evidence.ts';

/** What is known of one organization by what its clients were told. */
interface Known {
  /** Holders whose seats are confirmed to them and whom no other client is about to move. */
  readonly assigned: string[];
  readonly reserved: string[];
}

/** Thinks of what the next client wants. Every choice comes from the seed; names are used once. */
export class Wishes {
  readonly #random: Random;
  readonly #organizations: readonly AgreedOrganization[];
  readonly #known = new Map<string, Known>();
  readonly #wished = new Map<string, number>();
  #made = 0;

  /** @param organizations those that the load may touch; the first few that have not had enough get a third of it. */
  constructor(random: Random, organizations: readonly AgreedOrganization[]) {
    this.#random = random;
    this.#organizations = organizations;
    for (const { id } of organizations) this.#known.set(id, { assigned: [], reserved: [] });
  }

  next(): Story {
    this.#made += 1;
    const random = this.#random;
    const fresh = this.#organizations.filter((one) => this.#timesOf(one) < mostWishes[one.terms.charged]);
    const choice = fresh.length > 0 ? fresh : this.#organizations;
    const organization = random.pick(random.chance(1 / 3) ? choice.slice(0, crowdedOrganizations) : choice);
    this.#wished.set(organization.id, this.#timesOf(organization) + 1);
    const id = `s${this.#made}`;
    const { want, body, method } = this.#wish(id, organization);
    // The reason comes back with the change, so that it can be found again without its key.
    return {
      id,
      organization: organization.id,
      key: `key-${id}`,
      method,
      body: { ...body, reason: `story ${id}` },
      want,
      attempts: [],
      afterwards: [],
    };
  }

  #timesOf({ id }: AgreedOrganization): number {
    return this.#wished.get(id) ?? 0;
  }

  /** Learns from the end of a story who holds a seat now. */
  ended(story: Story, applied: boolean): void {
    const known = this.#known.get(story.organization);
    if (!known || !applied) return;
    if (story.want.kind === 'add' || story.want.kind === 'assign') {
      (story.want.reserve ? known.reserved : known.assigned).push(...story.want.holders);
    }
    if (story.want.kind === 'transfer') known.assigned.push(story.want.to);
  }

  #wish(id: string, organization: AgreedOrganization): Pick<Story, 'body' | 'method'> & { readonly want: Want } {
    const random = this.#random;
    const known = this.#known.get(organization.id);
    const quantity = random.between(1, 3);
    const names = Array.from({ length: quantity }, (_, index) => `${id}-${index}`);
    const dice = random.next();
    if (dice < 0.16) {
      const seats = random.between(Math.max(organization.used - 2, 1), organization.used + 20);
      return { method: 'PUT', body: { seats }, want: { kind: 'set', seats } };
    }
    if (dice < 0.3) {
      const want = { kind: 'remove', quantity, holders: [] } as const;
      return { method: 'POST', body: { action: 'remove', quantity }, want };
    }
    if (dice < 0.38) {
      const holder = known?.assigned.shift();
      if (holder !== undefined) {
        const want = { kind: 'remove', quantity: 1, holders: [holder] } as const;
        return { method: 'POST', body: { action: 'remove', quantity: 1, holders: [holder] }, want };
      }
    }
    if (dice < 0.43) {
      const from = known?.reserved.shift();
      if (from !== undefined) {
        const to = `${id}-moved`;
        const body = { action: 'transfer', quantity: 1, holders: [{ from, to }] };
        return { method: 'POST', body, want: { kind: 'transfer', from, to } };
      }
    }
    if (dice < 0.5) {
      const want = { kind: 'assign', quantity, holders: [], reserve: false } as const;
      return { method: 'POST', body: { action: 'assign', quantity }, want };
    }
    const named = dice < 0.78;
    const reserve = named && dice < 0.58;
    const want = { kind: 'add', quantity, holders: named ? names : [], reserve } as const;
    const body = {
      action: 'add',
      quantity,
      ...(named ? { holders: names } : {}),
      ...(reserve ? { reserve } : {}),
      ...(random.chance(0.05) ? { expand: false } : {}),
    };
    return { method: 'POST', body, want };
  }
}

/**
 * Stripe takes 200 updates an hour of one subscription and makes it 20 invoices a day. Whoever has used that up waits for it,
 * as is right, and would never come to rest within a run. So the crowd moves on to others in time.
 */
const mostWishes = { later: 120, at_once: 15 } as const;

/** So few that several clients and several servers are at the same one all the time. */
export const crowdedOrganizations = 8;
