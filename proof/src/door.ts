/**
 * The product's own door for webhooks, in a world whose time is not real: production verifies the signature, reads the
 * event and answers; only its statement goes over the network of the proof. Stripe's side signs as Stripe does.
 */
import Stripe from 'stripe';
import type { ServedSeatbelt } from '../../packages/engine/src/http/served.ts';
import { webhookRoutes } from '../../packages/engine/src/http/webhook.ts';

const secret = 'whsec_proof';
const stripe = new Stripe('sk_test_proof');
const silent = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} };

export interface Delivery {
  readonly id: string;
  readonly body: string;
}

/** What Stripe says of a change of the quantity, whoever made it; `write` null: the subscription was cancelled. */
export function eventOf(
  number: number,
  write: { readonly key: string | null; readonly from: number; readonly to: number } | null,
): Delivery {
  const id = `evt_${number}`;
  const items = (quantity: number) => ({ data: [{ id: 'si_1', quantity }] });
  const event = {
    id,
    object: 'event',
    type: write === null ? 'customer.subscription.deleted' : 'customer.subscription.updated',
    data: {
      object: { object: 'subscription', id: 'sub_1', customer: 'cus_1', ...(write && { items: items(write.to) }) },
      ...(write && { previous_attributes: { items: items(write.from) } }),
    },
    request: { id: `req_of_${id}`, idempotency_key: write?.key ?? null },
  };
  return { id, body: JSON.stringify(event) };
}

export class Door {
  readonly #post: (request: Request) => Promise<Response>;
  /** Told when an event has come through the verification, which takes real time. */
  #entered: () => void = () => {};

  /** @param receive what the engine does with a verified event. */
  constructor(receive: (event: Stripe.Event) => Promise<{ seenBefore: boolean }>) {
    const seatbelt: Pick<ServedSeatbelt, 'receive'> = {
      receive: (event) => {
        this.#entered();
        return receive(event) as ReturnType<ServedSeatbelt['receive']>;
      },
    };
    // The door asks for nothing else of it.
    this.#post = webhookRoutes({ seatbelt: seatbelt as ServedSeatbelt, logger: silent }, stripe, [secret]).POST;
  }

  /**
   * One delivery. `verified` is over when everything that takes real time is; `status` is what Stripe hears, and comes in
   * the world's time, or never.
   */
  deliver({ body }: Delivery): { readonly verified: Promise<void>; readonly status: Promise<number> } {
    const { promise: entered, resolve } = Promise.withResolvers<void>();
    this.#entered = resolve;
    const header = stripe.webhooks.generateTestHeaderString({ payload: body, secret });
    const request = new Request('http://proof.example/api/webhooks/stripe', {
      method: 'POST',
      body,
      headers: { 'stripe-signature': header },
    });
    const status = this.#post(request).then((response) => response.status);
    return { verified: Promise.race([entered, status.then(() => undefined)]), status };
  }
}
