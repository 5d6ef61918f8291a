import type { Product } from '../../engine/test/product.ts';

/** States of an account that explanations are about, brought about by what really leads there. */

/** A change to 12 seats in doubt: Stripe's answers are lost before (`from` shows) or after (`target` shows) it is written. */
export async function doubtful(product: Product, lost: 'drop_before' | 'drop_after' = 'drop_before') {
  const inDoubt = Promise.withResolvers<void>();
  const stop = product.seatbelt.on('change.in_doubt', () => inDoubt.resolve());
  product.sim.faults.add({ kind: lost, match: { method: 'POST' }, times: Number.POSITIVE_INFINITY });
  const answer = product.seatbelt.set(product.organization, 12, { waitMs: 0, actor: 'user_1' });
  await inDoubt.promise;
  stop();
  return {
    change: (await answer).change?.id ?? '',
    /** The engine of the test stays with its push for a while; that must be over before the database goes away. */
    async [Symbol.asyncDispose]() {
      product.sim.faults.clear();
      await product.seatbelt.close();
    },
  };
}

/** Somebody sets the quantity at Stripe, and nobody here has looked since. */
export function changedElsewhere(product: Product, quantity: number): void {
  product.sim.admin.foreignQuantityChange({
    subscription: product.subscription,
    item: product.item,
    quantity,
    by: 'dashboard',
  });
}

/** The same, and it was found: the account is held. */
export async function held(product: Product, quantity: number): Promise<void> {
  changedElsewhere(product, quantity);
  await product.seatbelt.mark(product.organization);
  await product.seatbelt.advance(product.organization);
}
