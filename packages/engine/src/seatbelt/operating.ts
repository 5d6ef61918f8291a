import { randomUUID } from 'node:crypto';
import type { State, Terms, TermsInput } from '../core/types.ts';
import { InvalidInput } from '../failures.ts';
import { plainText, plainTextOrNull, quantitiesSeen, side, termsOver } from '../input.ts';
import { type LinkOptions, type LinkReport, linkAccount } from '../link.ts';
import { pauseInstallation } from '../store/installation.ts';
import { databaseNow } from '../store/link-account.ts';
import type { AccountKey } from '../store/store.ts';
import { type Inside, lookTimeoutMs } from './inside.ts';
import type { Resolution, Said } from './options.ts';

export async function link(inside: Inside, key: AccountKey, options: LinkOptions): Promise<LinkReport> {
  await inside.claimInstallation();
  const { foreign } = inside.installation;
  if (foreign !== null) throw new InvalidInput('environment', `Nothing is linked here: ${foreign}.`);
  return linkAccount(
    {
      database: inside.database,
      stripe: inside.stripe,
      now: () => databaseNow(inside.database),
      lookTimeoutMs,
      terms: inside.terms,
      state: () => inside.store.load(key, { keys: [], holders: [] }),
      advance: () => inside.advancer.advance(key),
      resolve: (by, actor, reason) =>
        inside.internal(key, { type: 'resolve', by, actor, reason, pushId: randomUUID() }),
      relink: (to, actor, reason) => inside.internal(key, { type: 'relink', link: to, actor, reason }),
    },
    key,
    options,
  );
}

export async function pauseAll(inside: Inside, reason: string, said: Said): Promise<void> {
  const entry = { paused: true, actor: actorOf(said), reason };
  if (await pauseInstallation(inside.database, entry)) return;
  // Nobody has claimed this database yet; a stop that stops nothing must not look like one.
  await inside.claimInstallation();
  if (!(await pauseInstallation(inside.database, entry))) throw new Error('Nothing was paused.');
}

export async function resumeAll(inside: Inside, said: Said): Promise<void> {
  // Without an installation nothing is paused.
  await pauseInstallation(inside.database, {
    paused: false,
    actor: actorOf(said),
    reason: plainTextOrNull('reason', said.reason),
  });
}

export async function pause(inside: Inside, key: AccountKey, reason: string, said: Said): Promise<void> {
  await inside.internal(key, { type: 'pause', reason, actor: actorOf(said) });
}

export async function resume(inside: Inside, key: AccountKey, said: Said): Promise<void> {
  await inside.internal(key, { type: 'resume', actor: actorOf(said), reason: plainTextOrNull('reason', said.reason) });
}

export function resolve(inside: Inside, key: AccountKey, said: Resolution): Promise<State> {
  return inside.internal(key, {
    type: 'resolve',
    by: side('by', said.by),
    ...(said.seen === undefined ? {} : { seen: quantitiesSeen('seen', said.seen) }),
    actor: actorOf(said),
    reason: plainText('reason', said.reason),
    pushId: randomUUID(),
  });
}

export async function changeTerms(inside: Inside, key: AccountKey, terms: TermsInput, said: Said): Promise<void> {
  const { account } = await inside.state(key);
  await inside.internal(key, {
    type: 'change_terms',
    // Only what was named is changed, of the terms that there are by then.
    terms: named(termsOver(account.terms, terms), terms),
    actor: actorOf(said),
    reason: plainTextOrNull('reason', said.reason),
    pushId: randomUUID(),
  });
}

function actorOf(said: Said): string {
  return plainText('actor', said.actor ?? 'host');
}

/** Of the screened terms the fields that the input names; of these three, theirs. */
function named(screened: Terms, input: TermsInput): TermsInput {
  const { increase, decrease, guard } = input;
  return {
    ...pick(screened, input),
    ...(increase === undefined ? {} : { increase: pick(screened.increase, increase) }),
    ...(decrease === undefined ? {} : { decrease: pick(screened.decrease, decrease) }),
    ...(guard === undefined ? {} : { guard: pick(screened.guard, guard) }),
  };
}

function pick<T extends object>(whole: T, named: object): Partial<T> {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => Object.hasOwn(named, name))) as Partial<T>;
}
