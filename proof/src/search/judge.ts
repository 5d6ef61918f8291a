/** What must hold after every commit, at every send, and at rest. It counts again and calls no rule of the engine. */
import type { Decision, OpenPush, Terms } from '../../../packages/engine/src/core/types.ts';
import { Broken } from './steps.ts';
import type { World } from './world.ts';

export function judgeSend(world: World, push: OpenPush): void {
  const committed = world.intents.get(push.id);
  if (committed === undefined) throw new Broken('G1', 'a request is sent without a committed intent');
  if (committed !== push.request.body) throw new Broken('G1', 'what is sent is not what was committed');
}

/** Nobody voids an invoice without having written down that it is not wanted any more. */
export function judgeVoiding(world: World, push: OpenPush): void {
  const { withdrawal, id } = world.account.push ?? {};
  if (id !== push.id || withdrawal?.attempt !== push.withdrawal?.attempt || withdrawal === undefined)
    throw new Broken('G1', 'an invoice is voided without a committed intent');
}

/** @param heard who had written at Stripe last, when what this commit is based on was made there. */
export function judgeCommit(before: World, after: World, decision: Decision, heard: string | null): void {
  const { account } = after;
  for (const change of decision.records.changes) {
    const known = change.idempotencyKey === null ? undefined : before.changes.get(change.idempotencyKey);
    if (known && known.endedAt !== null) throw new Broken('G6', `change ${change.id} ended twice`);
  }
  for (const { push, outcome, code } of decision.records.pushesEnded) {
    const undone = outcome === 'refused' || outcome === 'rolled_back' || outcome === 'superseded';
    if (undone && heard === push.id) {
      throw new Broken('G4', `a push was ${outcome} (${code}) although Stripe had done it before`);
    }
  }
  if (before.account.hold === null && account.hold !== null && !excused(after)) {
    throw new Broken(
      'G5',
      `held (${account.hold.code}) although nobody else changed anything: ${account.hold.message}`,
    );
  }
  judgeSeats(after);
  judgeCapacity(before, after);
  if (account.push === null && after.waiting.length === 0 && account.seatCount !== account.settledSeats) {
    throw new Broken(
      'G5',
      `nothing is open, settled are ${account.settledSeats} and the count is ${account.seatCount}`,
    );
  }
  if (after.recounted !== account.settledSeats) {
    throw new Broken('G6', `the applied changes come to ${after.recounted} seats, settled are ${account.settledSeats}`);
  }
}

/** Holder rows, anonymous seats and waiting reservations add up to what the account says. */
function judgeSeats({ account, holders, waiting }: World): void {
  let assigned = account.anonymousAssigned;
  let reserved = account.anonymousReserved;
  for (const row of holders.values()) {
    if (row.state === 'assigned') assigned += 1;
    else if (row.change === null) reserved += 1;
    else if (!waiting.some(({ id, holders: names }) => id === row.change && names.includes(row.holder))) {
      throw new Broken('G2', `${row.holder} hangs on a change that has ended`);
    }
  }
  for (const change of waiting) reserved += change.takes;
  if (assigned !== account.assigned || reserved !== account.reserved) {
    throw new Broken(
      'G2',
      `counted ${assigned} assigned and ${reserved} reserved, the account says ${account.assigned} and ${account.reserved}`,
    );
  }
}

function judgeCapacity(before: World, after: World): void {
  const given = confirmedUse(after);
  const bound = Math.max(after.account.settledSeats, before.account.settledSeats);
  if (given > confirmedUse(before) && given > bound) {
    throw new Broken('G8', `${given} seats are given out, ${bound} are confirmed`);
  }
}

/** Seats in use that hang on no waiting change. */
function confirmedUse({ account, waiting }: World): number {
  return account.assigned + account.reserved - waiting.reduce((sum, change) => sum + change.takes, 0);
}

/** Nothing is under way and nothing is due: this has to be true then. */
export function judgeRest(world: World): void {
  const { account, stripe, waiting } = world;
  if (account.status === 'held') {
    if (!excused(world)) throw new Broken('G5', `held at rest: ${account.hold?.message}`);
    return;
  }
  if (account.push !== null) throw new Broken('G11', `nobody will come for the open push (${account.push.state})`);
  if (waiting.length > 0) throw new Broken('G11', `nobody will come for ${waiting.length} waiting changes`);
  if (stripe.pending !== null) throw new Broken('G11', 'an invoice of ours is open, and nobody waits for its payment');
  for (const change of world.parked) {
    if (change.waitsUntil !== null && change.waitsUntil < world.now)
      throw new Broken('G11', `change ${change.id} is scheduled for a moment that has passed`);
  }
  const billed = billedFor(account.settledSeats, account.terms);
  if (billed !== stripe.quantity) {
    throw new Broken('G5', `Stripe bills ${stripe.quantity}, settled ${account.settledSeats} are billed as ${billed}`);
  }
}

function billedFor(seats: number, terms: Terms): number {
  const beyond = seats > terms.includedSeats ? seats - terms.includedSeats : 0;
  return Math.max(beyond, terms.minimumQuantity);
}

/** Somebody else has changed Stripe, or Stripe has spent every key: then a person is asked, which is as promised. */
function excused(world: World): boolean {
  return world.foreignCame || world.account.hold?.code === 'generations_used';
}
