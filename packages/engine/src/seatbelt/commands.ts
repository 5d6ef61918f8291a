import { randomUUID } from 'node:crypto';
import { decideTogether } from '../core/decide-together.ts';
import { policy } from '../core/policy.ts';
import { PriceNeeded } from '../core/refusals.ts';
import { holdersOf } from '../core/request.ts';
import type { Price, SeatChange, SeatRequest, State } from '../core/types.ts';
import { type Executor, executorOf } from '../db/executor.ts';
import { CommandDropped, InvalidInput, StripeUnavailable } from '../failures.ts';
import type { SeatChangeBody } from '../http/contract.ts';
import type { Settled } from '../lane.ts';
import { priceOfGrowth } from '../quotes.ts';
import { inSpan, spanNames } from '../spans.ts';
import { readChange } from '../store/history.ts';
import { verbsOn } from '../store/postgres-store.ts';
import type { AccountKey } from '../store/store.ts';
import { isSubscriptionBusy } from '../store/subscription-busy.ts';
import { changeAnswer, changeView } from '../views.ts';
import { tooLate, within } from '../within.ts';
import { type Inside, lookTimeoutMs, unknownOrganization } from './inside.ts';
import type { AcceptedChange, CommandOptions, InTransaction } from './options.ts';
import type { Outcome } from './outcomes.ts';

/** In a host's transaction the row cannot be locked first, so a lost race is tried again a few times. */
const inTransactionTries = 5;

/** Carries out a request: its intent is committed, Stripe is asked, and the caller hears what came of it. */
export async function command(
  inside: Inside,
  key: AccountKey,
  request: SeatRequest,
  options: CommandOptions & Partial<InTransaction>,
): Promise<SeatChangeBody | AcceptedChange> {
  const { organization } = key;
  return inSpan(
    spanNames.change,
    { 'seatbelt.organization': organization, 'seatbelt.kind': request.type },
    async (span) => {
      const answer = await carryOut(inside, key, request, options);
      span.setAttribute('seatbelt.status', 'status' in answer ? answer.status : answer.change.status);
      return answer;
    },
  );
}

async function carryOut(
  inside: Inside,
  key: AccountKey,
  request: SeatRequest,
  options: CommandOptions & Partial<InTransaction>,
): Promise<SeatChangeBody | AcceptedChange> {
  const waitMs = waitOf(options);
  if (options.db !== undefined) return inTransaction(inside, key, request, executorOf(options.db));
  await inside.claimInstallation();
  inside.watchBeside();

  const deadline = performance.now() + waitMs;
  const settled = await settle(inside, key, request, deadline);
  const { change } = settled;
  if (change === null) throw new Error('Bug: an accepted request without a change.');
  // Carried out beside the waiting, so that a caller who gives up does not stop it.
  void inside.carryOut(key, settled);
  const { change: latest, state } = await outcome(inside, key, change, settled.state, deadline);
  return changeAnswer(latest, state, inside.rollbackPending);
}

/** Where the guard bounds money, Stripe is asked what it costs, and the request is decided with the answer. */
async function settle(inside: Inside, key: AccountKey, request: SeatRequest, deadline: number): Promise<Settled> {
  try {
    return await inside.advancer.lane(key).request(request);
  } catch (error) {
    if (!(error instanceof PriceNeeded)) throw error;
  }
  return inside.priced.run(`${key.seatType}/${key.organization}`, (inVainMs, sayInVain) => {
    const patienceMs = Math.min(Math.max(deadline - performance.now(), priceLeastMs), lookTimeoutMs);
    return settlePriced(inside, key, request, { patienceMs, inVainMs, sayInVain });
  });
}

/** Who does not wait for the outcome waits for a price all the same: nothing can be written without it, and Stripe may take a second. */
const priceLeastMs = 2_000;

interface Asking {
  /** How long Stripe may take, all in all. */
  readonly patienceMs: number;
  readonly inVainMs: number;
  readonly sayInVain: (ms: number) => void;
}

/**
 * Each purchase has the price of the count that it is decided on. Those of one organization come one after the other in
 * this process; what another process bought between the question and the decision makes the price be asked again.
 */
async function settlePriced(inside: Inside, key: AccountKey, request: SeatRequest, asking: Asking): Promise<Settled> {
  const lane = inside.advancer.lane(key);
  const { patienceMs, inVainMs, sayInVain } = asking;
  const until = performance.now() + patienceMs;
  const ask = async (seats: number): Promise<Price | null> => {
    let waited = inVainMs;
    if (waited < patienceMs) {
      const state = await inside.state(key);
      const context = { stripe: inside.stripe, timeoutMs: lookTimeoutMs };
      const price = await within(priceOfGrowth(context, state, seats), until - performance.now());
      if (price !== tooLate) return price;
      waited = patienceMs;
      sayInVain(waited);
    }
    // An owner is asked where Stripe does not say, and not because somebody was in a hurry.
    if (waited < lookTimeoutMs) {
      throw new StripeUnavailable('Stripe did not say in time what it costs. Nothing was written; try again.');
    }
    return null;
  };
  let asked = request;
  for (let tries = 0; ; tries += 1) {
    try {
      return await lane.request(asked);
    } catch (error) {
      if (!(error instanceof PriceNeeded)) throw error;
      asked = { ...request, price: tries < policy.priceTries ? await ask(error.seats) : null } as SeatRequest;
    }
  }
}

/** Its end is a matter of moments; a payment, a date or an approval is not. */
export function isOnItsWay(change: SeatChange): boolean {
  return change.endedAt === null && change.status === 'requested';
}

/** @throws InvalidInput */
export function waitOf({ waitMs = policy.answerWaitMs }: Pick<CommandOptions, 'waitMs'>): number {
  if (!(waitMs >= 0)) throw new InvalidInput('waitMs', 'waitMs must be a number of milliseconds from 0.');
  return waitMs;
}

/** The same decision and the same statement, in the host's transaction. Nobody sends until that is committed. */
async function inTransaction(
  inside: Inside,
  key: AccountKey,
  asked: SeatRequest,
  db: Executor,
): Promise<AcceptedChange> {
  // Nobody calls Stripe while a transaction of the host is open, so where money is bounded an owner is asked.
  const request: SeatRequest = asked.type === 'set' || asked.type === 'add' ? { ...asked, price: null } : asked;
  // Asked on the host's connection: it may be the only one that its pool has.
  await inside.installation.claimWithin(db);
  const verbs = inside.installation.guardedVerbs(verbsOn(db, 'as_the_host_says'));
  const named = {
    keys: request.idempotencyKey === null ? [] : [request.idempotencyKey],
    holders: holdersOf(request),
  };
  let subscriptionBusy = false;
  for (let attempt = 0; attempt < inTransactionTries; attempt += 1) {
    const loaded = await verbs.load(key, named);
    if (loaded === null) throw unknownOrganization(key);
    const state = subscriptionBusy ? { ...loaded, subscriptionBusy } : loaded;
    const { decision, results } = decideTogether(state, [{ type: 'request', request }], {
      pushId: randomUUID(),
      sendNow: false,
    });
    const [result] = results;
    if (result?.is === 'refused') throw result.error;
    const change = result?.change;
    if (!change) throw new Error('Bug: an accepted request without a change.');
    // A commit that is turned down would end the host's transaction.
    const [opened] = decision.records.pushesOpened;
    if (opened && !subscriptionBusy && (await isSubscriptionBusy(db, key, opened.link.subscription))) {
      subscriptionBusy = true;
      continue;
    }
    if (!decision.changed || (await verbs.commit(state, decision, { type: 'keep' })) === 'committed') {
      return { change: changeView(change, decision.state, () => false) };
    }
  }
  throw new CommandDropped('The organization is being changed by others right now. Nothing was written; try again.');
}

/** Waits until the change has ended or the time is over, helping along what is due. */
export async function outcome(
  inside: Inside,
  key: AccountKey,
  change: SeatChange,
  state: State,
  deadline: number,
  waits: (change: SeatChange) => boolean = isOnItsWay,
): Promise<Outcome> {
  if (change.endedAt !== null && change.requestedAt === change.endedAt) return { change, state };
  let latest = change;
  while (waits(latest)) {
    const left = deadline - performance.now();
    if (left <= 0 || inside.closing.begun) break;
    // What this process commits is known here without asking; what others commit is asked for now and then.
    const ended = await inside.outcomes.ended(change.id, Math.min(left, policy.outcomePollMs));
    if (ended) return ended;
    const read = await inside.tryRead(() => readChange(inside.database, key, change.id));
    if (read) latest = read;
  }
  // The counts of this moment; where they cannot be read any more, those of the commit are what is known.
  const now = await inside.tryRead(() => inside.store.load(key, { keys: [], holders: [] }));
  return { change: latest, state: now ?? state };
}
