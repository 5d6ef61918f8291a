import { createSeatbelt, migrate } from 'seatbelt';
import Stripe from 'stripe';

const db = process.env.DATABASE_URL ?? '';
const stripe = new Stripe(process.env.STRIPE_SECRET_KEY ?? '', stripeHost());

await migrate(db);
const seatbelt = createSeatbelt({ db, stripe });
await seatbelt.link('org_1', { subscription: process.env.SUBSCRIPTION ?? '' });

const answer = await seatbelt.set('org_1', 12, { actor: 'user_7', idempotencyKey: 'form-42' });
if (answer.success === true) console.log(`You have ${answer.purchasedSeats} seats.`);
if (answer.success === false) console.log(`Nothing changed: ${answer.message}`);
if (answer.success === null) console.log(`Not known yet; ask again at ${answer.change?.url}`);
await seatbelt.close();

/** Tests point the client at the simulator; you need only the key. */
function stripeHost(): ConstructorParameters<typeof Stripe>[1] {
  const base = process.env.STRIPE_API_BASE;
  if (!base) return {};
  const { hostname, port, protocol } = new URL(base);
  return { host: hostname, port, protocol: protocol === 'http:' ? 'http' : 'https' };
}
