import { readFile } from 'node:fs/promises';
import type { ProgramName } from './programs.ts';

export interface Description {
  /** Packages that decide what happens between database and Stripe; their versions are read from what is installed. */
  readonly packages: readonly { readonly name: string; readonly file: string }[];
  readonly configuredTo: string;
  readonly doesNotClaim: string;
}

const root = new URL('../../../', import.meta.url);
const nested = 'proof/src/comparison/better-auth/node_modules';
const stripe23 = { name: 'stripe', file: 'node_modules/stripe/package.json' };
const pg = { name: 'pg', file: 'node_modules/pg/package.json' };

export const descriptions: Readonly<Record<ProgramName, Description>> = {
  usual: {
    packages: [stripe23, pg],
    configuredTo:
      'One transaction counts members and open invites and writes invite and seat count; then `subscriptionItems.update`; a second transaction takes both back if Stripe throws. Ours, `bench/src/usual-version`.',
    doesNotClaim:
      'Nothing: it is what is mostly written. No row is locked, nothing runs later, no request is remembered.',
  },
  'usual, row locked': {
    packages: [stripe23, pg],
    configuredTo: 'The same with `select … for update` while it counts, which removes the race inside the database.',
    doesNotClaim: 'An order of the writes to Stripe: the lock ends with the transaction, before Stripe is called.',
  },
  'Stripe-first': {
    packages: [stripe23, pg],
    configuredTo:
      'Counts, calls `subscriptionItems.update`, then writes invite and seat count in one statement; if that throws, it sets the old quantity at Stripe again. Ours, `proof/src/comparison/programs/stripe-first.ts`.',
    doesNotClaim: 'That two who buy at the same moment both count: nothing can be locked over a call to Stripe.',
  },
  'better-auth': {
    packages: [
      { name: 'better-auth', file: `${nested}/better-auth/package.json` },
      { name: '@better-auth/stripe', file: `${nested}/@better-auth/stripe/package.json` },
      { name: 'stripe', file: `${nested}/stripe/package.json` },
      pg,
    ],
    configuredTo:
      'Organization plugin and Stripe plugin with `organization.enabled` and a plan whose `seatPriceId` is its `priceId`, its own migrations, its webhook route registered at Stripe. People join by `auth.api.addMember`; the plugin’s hook then counts the members and sets Stripe’s quantity.',
    doesNotClaim:
      'That a member is paid for before being let in: the hook runs after the member is written, and a sync that fails is logged, not thrown. Its own number is a copy that the webhook refreshes. The next member who joins or leaves makes it count anew.',
  },
  Seatbelt: {
    packages: [{ name: 'seatbelt', file: 'packages/engine/package.json' }, stripe23, pg],
    configuredTo:
      '`add` with one named holder and an idempotency key, defaults otherwise; its webhook is registered; the worker’s `tick` runs once the load has ended. A caller without an answer asks again with the same key, as the API says.',
    doesNotClaim:
      'An answer at once: some callers hear “not known yet” first. It writes more and is slower than the others when nothing fails ([benchmarks](benchmarks.md)).',
  },
};

/** `stripe 23.1.0, pg 8.23.1`, as installed here. */
export async function versionsOf(program: ProgramName): Promise<string> {
  const named = await Promise.all(
    descriptions[program].packages.map(async ({ name, file }) => {
      const { version } = JSON.parse(await readFile(new URL(file, root), 'utf8')) as { version: string };
      return `${name} ${version}`;
    }),
  );
  return named.join(', ');
}
