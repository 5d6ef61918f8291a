import type { Random } from '../../random.ts';
import type { Place } from '../place/place.ts';
import type { StrikeLog } from './log.ts';

/** What happens around the servers: Stripe goes away and comes back, cards break, and somebody else changes seats. */
export class Surroundings {
  readonly #place: Place;
  readonly #random: Random;
  readonly #log: StrikeLog;
  readonly #broken = new Set<string>();
  readonly #foreignLeft: string[];

  constructor(place: Place, random: Random, log: StrikeLog) {
    this.#place = place;
    this.#random = random;
    this.#log = log;
    this.#foreignLeft = place.organizations.filter(({ foreign }) => foreign).map(({ id }) => id);
  }

  /** SIGKILL of the simulator; its state is on disk, so it is the same Stripe that comes back. */
  async restartStripe(): Promise<void> {
    this.#log.note('simulator_restart', null, 'SIGKILL of the simulated Stripe, and a new process on the same state');
    await this.#place.simulator.restart();
  }

  /** A card of one of those who pay at once stops working, or works again. */
  async turnACard(): Promise<void> {
    const customers = this.#place.organizations.filter(({ terms }) => terms.charged === 'at_once');
    if (customers.length === 0) return;
    const { customer } = this.#random.pick(customers);
    const { admin } = this.#place.simulator.controls;
    if (this.#broken.delete(customer)) return admin.mendCard(customer);
    this.#broken.add(customer);
    await admin.breakCard(customer);
  }

  async mendCards(): Promise<void> {
    for (const customer of this.#broken) await this.#place.simulator.controls.admin.mendCard(customer);
    this.#broken.clear();
  }

  /** Somebody at Stripe changes the quantity of an organization that the load leaves alone. */
  async changeElsewhere(): Promise<void> {
    const id = this.#foreignLeft.pop();
    const organization = this.#place.organizations.find((candidate) => candidate.id === id);
    if (organization === undefined) return;
    const { subscription, item, seats } = organization;
    const quantity = seats + this.#random.between(3, 9);
    const by = this.#random.pick(['dashboard', 'portal', 'api'] as const);
    this.#log.note('foreign_change', null, `${by} sets the quantity of ${organization.id} to ${quantity} at Stripe`);
    await this.#place.simulator.controls.admin.foreignQuantityChange({ subscription, item, quantity, by });
  }
}
