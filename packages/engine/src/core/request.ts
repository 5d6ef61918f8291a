/** The doors: what is accepted, what is refused, and what an accepted request moves at once. */

import { describe, endParked, recount, replaceScheduled, rollBack } from './change.ts';
import { overGuard } from './guard.ts';
import { isParked } from './parked.ts';
import { withdraw } from './payment.ts';
import { policy } from './policy.ts';
import { quotedState } from './quote.ts';
import { invariant, refuse } from './refusals.ts';
import { endOfPaidPeriod } from './schedule.ts';
import { free, openChangesOf, ready, reserveSeats, seat, sitDown } from './seats.ts';
import { available, type Step, seatsOver, used } from './step.ts';
import { refusalByState } from './subscription-states.ts';
import type { Account, Command, Price, SeatChange, SeatRequest } from './types.ts';
export function acceptRequest(step: Step, request: SeatRequest, approved: SeatChange | null = null): void {
  const fingerprint = fingerprintOf(request);
  const keyed = request.idempotencyKey === null ? undefined : step.changeOfKey(request.idempotencyKey);
  const earlier = approved === null ? keyed : undefined;
  if (earlier) {
    if (earlier.fingerprint !== fingerprint) {
      refuse('idempotency_key_reused', 'This idempotency key was used for another request. Use a new key.');
    }
    step.change = earlier;
    return;
  }
  if (step.waiting.length + step.parked.length >= policy.waitingLimit) {
    refuse(
      'too_many_pending',
      `${step.waiting.length + step.parked.length} changes are waiting already. Try again when they are through.`,
    );
  }
  // Edges screen their input; one name twice would be two seats with one row.
  if (request.type !== 'set' && request.holders) {
    const names = request.holders.map((holder) => (typeof holder === 'string' ? holder : holder.from));
    invariant(
      new Set(names).size === names.length && names.length === request.quantity,
      'holders are as many as the quantity, each once',
      {
        change: request.changeId,
      },
    );
  }
  switch (request.type) {
    case 'set':
      acceptSet(step, request, fingerprint, approved);
      break;
    case 'add':
    case 'assign':
      acceptAdd(step, request, fingerprint, approved);
      break;
    case 'remove':
      acceptRemove(step, request, fingerprint);
      break;
    case 'transfer':
      acceptTransfer(step, request, fingerprint);
      break;
  }
}

/** The owner's door: the absolute number of seats to pay for. */
function acceptSet(
  step: Step,
  request: Extract<SeatRequest, { type: 'set' }>,
  fingerprint: string,
  approved: SeatChange | null,
): void {
  const { account } = step;
  const { seats } = request;
  if (account.terms.mode === 'follow') {
    refuse('follows_use', 'Billing follows the seats in use here, so the number of seats is not set by hand.');
  }
  if (request.expectedSeats !== undefined && request.expectedSeats !== account.seatCount) {
    refuse(
      'seats_changed',
      `There are ${account.seatCount} seats now, not ${request.expectedSeats}. Look again before changing them.`,
    );
  }
  const { quote } = request;
  if (quote) {
    const moved = quote.state !== quotedState(account, step.parked);
    if (!quote.valid || moved || account.push !== null || step.waiting.length > 0) {
      refuse(
        'quote_stale',
        'This price is not valid any more: it is too old, or was for another state. Look at the new price first.',
      );
    }
  }
  if (approved !== null && seats < account.seatCount) {
    refuse('seats_changed', `There are ${account.seatCount} seats by now, so the purchase up to ${seats} is not made.`);
  }
  if (seats < used(account)) {
    refuse('below_used', `${used(account)} seats are in use. Free ${used(account) - seats} first.`);
  }
  if (seats < account.terms.minimumSeats) {
    refuse('below_minimum', `At least ${account.terms.minimumSeats} seats are part of the contract.`);
  }
  refuseAboveMaximum(account, seats);
  const nothingToDo = seats === account.seatCount && account.push === null && step.waiting.length === 0;
  if (seats > account.seatCount) {
    refuseUnlessBillable(step);
    if (parkedForApproval(step, request, fingerprint, approved, seats - account.seatCount)) return;
  } else if (seats < account.seatCount) {
    refuseUnlessLinked(account);
    refuseByState(account, 'decrease');
    if (account.terms.decrease.when === 'period_end') {
      const waitsUntil = endOfPaidPeriod(account);
      const fields = { status: 'scheduled', waitsUntil, setSeats: seats, quantity: seats, seatsAfter: seats } as const;
      replaceScheduled(step, accept(step, request, fingerprint, fields, approved));
      return;
    }
  } else if (!nothingToDo) {
    // It waits for what is open, and where the subscription has ended nothing follows that.
    refuseUnlessLinked(account);
  }

  const fields = {
    setSeats: seats,
    prorationDate: quote?.prorationDate ?? null,
    quantity: seats,
    seatsAfter: seats,
    amount: priceOf(request)?.amount ?? null,
    applied: nothingToDo,
  };
  const change = accept(step, request, fingerprint, fields, approved);
  // The owner wants what there is, so nothing gets less at the end of the period either.
  if (nothingToDo) replaceScheduled(step, change);
}

/** More than the guard lets through waits for an owner, and holds nothing meanwhile. */
function parkedForApproval(
  step: Step,
  request: Extract<SeatRequest, { type: 'set' | 'add' | 'assign' }>,
  fingerprint: string,
  approved: SeatChange | null,
  seats: number,
): boolean {
  const { account } = step;
  if (approved !== null) {
    refuseMoreThanApproved(approved, seats);
    return false;
  }
  const price = priceOf(request);
  const reason = overGuard(step, seats, price);
  if (reason === null) return false;
  accept(step, request, fingerprint, {
    status: 'awaiting_approval',
    waitsUntil: step.now + policy.approvalLifetimeMs,
    quantity: request.type === 'set' ? request.seats : request.quantity,
    seatsAfter: account.seatCount + seats,
    amount: price?.amount ?? null,
    // The price of a quote is for now, and an approval comes later.
    asked: withoutQuote(request),
    note: reason,
  });
  return true;
}

/** An owner said yes to so many seats. What was free then may be taken by now, and nobody said yes to buying that as well. */
function refuseMoreThanApproved({ seatsBefore, seatsAfter }: SeatChange, seats: number): void {
  const asked = seatsAfter - seatsBefore;
  if (seats <= asked) return;
  refuse(
    'seats_changed',
    `${asked} seats were to be bought when it was asked for, and ${seats} by now. Ask for it again.`,
  );
}

/** The price of those seats of an approved purchase that are still to be bought. */
function partOf({ amount, seatsBefore, seatsAfter }: SeatChange, seats: number): number | null {
  return amount === null ? null : Math.ceil((amount * seats) / (seatsAfter - seatsBefore));
}

/** Only what may buy has a price, and only where it was asked for. */
function priceOf(request: SeatRequest): Price | null | undefined {
  return 'price' in request ? request.price : undefined;
}

function withoutQuote(request: SeatRequest): SeatRequest {
  if (request.type !== 'set') return request;
  const { quote: _, ...rest } = request;
  return rest;
}

/** The usage door: takes seats for members or invites, and buys what is missing when that is allowed. */
function acceptAdd(
  step: Step,
  request: Extract<SeatRequest, { type: 'add' | 'assign' }>,
  fingerprint: string,
  approved: SeatChange | null,
): void {
  const { account } = step;
  const names = request.holders ?? null;
  const reserve = request.type === 'add' && request.reserve === true;
  const expand = request.type === 'add' && request.expand !== false;

  if (request.type === 'assign') refuseUnconfirmed(step, names ?? []);
  const unseated = names?.filter((name) => step.holder(name) === undefined) ?? [];
  const takes = names ? unseated.length : request.quantity;
  const waitFor = openChangesOf(step, names ?? []);
  const over = seatsOver(account, step.waiting);
  if (takes > 0 && over > 0 && account.status !== 'ended') {
    refuse('over_capacity', `${over} more seats are in use than are confirmed. Free or buy ${over} before adding any.`);
  }

  if (takes <= available(account)) {
    // A change ends with one other, so it cannot end as two do that may end differently, nor seat whom that one invites.
    const [first] = waitFor;
    const direct = first === undefined ? undefined : step.waitingChange(first);
    const invites = direct?.reserve === true;
    // One that hangs on another one itself ends with that: all that end together are counted together.
    const waitsFor = direct === undefined ? null : (direct.hangsOn ?? direct.id);
    if (waitFor.length > 1 || (invites && !reserve)) refuseUnconfirmed(step, names ?? []);
    if (request.type === 'assign' || !reserve) sitDown(step, names ?? []);
    if (waitsFor === null) seat(step, unseated, takes, reserve);
    const fields = {
      quantity: request.quantity,
      takes,
      holders: unseated,
      reserve,
      hangsOn: waitsFor,
      seatsAfter: account.seatCount,
      applied: waitsFor === null,
    };
    const change = accept(step, request, fingerprint, fields, approved);
    if (waitsFor === null) ready(step, change, unseated, takes);
    return;
  }

  // There may be seats enough; what is missing is the first payment.
  if (account.link !== null && account.observed?.status === 'incomplete') refuseByState(account, 'increase');
  const missing = used(account) + takes - account.seatCount;
  if (missing > 0 && !expand && account.status !== 'ended') {
    refuse('no_seat_available', `${available(account)} of ${account.seatCount} seats are free; ${takes} are needed.`);
  }
  refuseUnlessLinked(account);
  // Purchased but not yet confirmed: the seats hang on the change that is buying them.
  const delta = Math.max(missing, 0);
  refuseMoreThanAgreed(request, delta);
  if (delta > 0) {
    refuseAboveMaximum(account, account.seatCount + delta);
    refuseUnlessBillable(step);
    if (parkedForApproval(step, request, fingerprint, approved, delta)) return;
  } else if (account.push === null && step.waiting.length === 0) {
    refuse('no_seat_available', `${available(account)} seats can be given out now; ${takes} are needed.`);
  }
  // It is all or nothing, and this purchase may be made although the one that somebody here waits for is not.
  if (waitFor.length > 0) refuseUnconfirmed(step, names ?? []);
  // Who is invited has a seat already, whatever becomes of the seats that are bought.
  if (!reserve) sitDown(step, names ?? []);
  const fields = {
    quantity: request.quantity,
    delta,
    takes,
    holders: unseated,
    reserve,
    amount: approved === null ? (priceOf(request)?.amount ?? null) : partOf(approved, delta),
    seatsAfter: account.seatCount + delta,
  };
  accept(step, request, fingerprint, fields, approved);
}

/** What was free when the screen said how many would be bought may be somebody else's by now. */
function refuseMoreThanAgreed(request: SeatRequest, seats: number): void {
  const agreed = request.type === 'add' ? request.buyAtMost : undefined;
  if (agreed === undefined || seats <= agreed) return;
  refuse(
    'seats_changed',
    `${seats} seats would be bought by now, and ${agreed} were agreed to. Look at them again first.`,
  );
}

function refuseUnconfirmed(step: Step, names: readonly string[]): void {
  const unconfirmed = names.find((name) => (step.holder(name)?.change ?? null) !== null);
  if (unconfirmed === undefined) return;
  refuse('no_seat_available', `The seat of ${JSON.stringify(unconfirmed)} is not confirmed yet.`);
}

/** Frees seats. Under prepaid terms billing stays as it is; under follow terms it shrinks with the use. */
function acceptRemove(step: Step, request: Extract<SeatRequest, { type: 'remove' }>, fingerprint: string): void {
  if (request.holders) {
    for (const name of request.holders) {
      if (!step.holder(name)) refuse('unknown_holder', `Nobody called ${JSON.stringify(name)} holds a seat.`);
    }
    for (const name of request.holders) free(step, name);
  } else {
    const { anonymousAssigned, anonymousReserved } = step.account;
    if (request.quantity > anonymousAssigned + anonymousReserved) {
      refuse(
        'not_in_use',
        `${anonymousAssigned + anonymousReserved} seats without a named holder are in use. Name the holders to free theirs.`,
      );
    }
    const fromAssigned = Math.min(request.quantity, anonymousAssigned);
    const fromReserved = request.quantity - fromAssigned;
    step.update({
      anonymousAssigned: anonymousAssigned - fromAssigned,
      anonymousReserved: anonymousReserved - fromReserved,
      assigned: step.account.assigned - fromAssigned,
      reserved: step.account.reserved - fromReserved,
    });
  }
  const { account } = step;
  const follows = account.terms.mode === 'follow' && account.link !== null && account.status !== 'ended';
  const target = follows ? Math.max(used(account), account.terms.minimumSeats) : account.seatCount;
  const delta = Math.min(target - account.seatCount, 0);
  accept(step, request, fingerprint, {
    quantity: request.quantity,
    delta,
    holders: [],
    seatsAfter: account.seatCount + delta,
    applied: delta === 0,
  });
  step.event({
    type: 'seat.released',
    change: request.changeId,
    data: { holders: request.holders ?? [], seats: request.quantity },
  });
}

/** An invite becomes a user: the seat stays in use, only its holder and state change. */
function acceptTransfer(step: Step, request: Extract<SeatRequest, { type: 'transfer' }>, fingerprint: string): void {
  if (request.holders) {
    for (const { from, to } of request.holders) {
      const row = step.holder(from);
      if (!row) refuse('unknown_holder', `Nobody called ${JSON.stringify(from)} holds a seat.`);
      if (row.change !== null) {
        refuse('no_seat_available', `The seat of ${JSON.stringify(from)} is not confirmed yet.`);
      }
      if (to !== from && step.holder(to)) refuse('holder_exists', `${JSON.stringify(to)} holds a seat already.`);
      step.dropHolder(from);
      step.putHolder({ holder: to, state: 'assigned', change: null });
      if (row.state === 'reserved') {
        step.update({ reserved: step.account.reserved - 1, assigned: step.account.assigned + 1 });
      }
    }
  } else {
    const { anonymousReserved, anonymousAssigned, reserved, assigned } = step.account;
    if (request.quantity > anonymousReserved) {
      refuse(
        'not_in_use',
        `${anonymousReserved} seats are reserved without a name; ${request.quantity} were to become assigned.`,
      );
    }
    step.update({
      anonymousReserved: anonymousReserved - request.quantity,
      anonymousAssigned: anonymousAssigned + request.quantity,
      reserved: reserved - request.quantity,
      assigned: assigned + request.quantity,
    });
  }
  accept(step, request, fingerprint, {
    quantity: request.quantity,
    seatsAfter: step.account.seatCount,
    applied: true,
  });
}

function refuseAboveMaximum(account: Account, seats: number): void {
  const { maximumSeats } = account.terms;
  // An organization already above its maximum keeps what it has and cannot grow.
  if (maximumSeats !== null && seats > maximumSeats && seats > account.seatCount) {
    refuse('above_maximum', `At most ${maximumSeats} seats are allowed.`);
  }
  if (seats > policy.seatsLimit) refuse('above_maximum', `At most ${policy.seatsLimit} seats are supported.`);
}

function refuseUnlessLinked(account: Account): void {
  if (account.link === null) refuse('no_subscription', 'This organization has no Stripe subscription to change.');
  if (account.status === 'ended') {
    refuse('subscription_not_changeable', 'The Stripe subscription of this organization has ended.');
  }
}

/** Seats may only grow where Stripe can be told, and where nobody has to explain a difference first. */
export function refuseUnlessBillable(step: Step): void {
  const { account } = step;
  refuseUnlessLinked(account);
  if (account.hold) {
    refuse(
      'drift_unresolved',
      'Stripe and the database differ for this organization. Seats cannot grow until that is resolved.',
    );
  }
  const paused = account.pausedReason ?? step.before.installationPaused;
  if (paused !== null) refuse('paused', `Changes at Stripe are paused: ${paused}`);
  refuseByState(account, 'increase');
}

/** Two pushes never overlap on one subscription, also where accounts of two seat types share it. */
export function refuseWhileBusy(step: Step): void {
  if (!step.before.subscriptionBusy) return;
  refuse(
    'too_many_pending',
    'Seats of another type are being changed on this subscription. Try again once that is through.',
  );
}

function refuseByState(account: Account, direction: 'increase' | 'decrease'): void {
  const refusal = refusalByState(account, direction);
  if (refusal) refuse(refusal.code, refusal.message);
}

/** Takes back what has not taken effect: a scheduled or parked change, or one whose payment nobody has made. */
export function cancelChange(step: Step, command: Extract<Command, { type: 'cancel' }>): void {
  const said = { actor: command.actor, reason: command.reason };
  const parked = step.parked.find((change) => change.id === command.change);
  if (parked) {
    endParked(step, parked, { code: 'canceled', message: 'It was canceled before it took effect.', ...said });
    step.change = parked;
    return;
  }
  const change = step.waitingChange(command.change);
  if (!change) refuse('unknown_change', 'This organization has no open change of that id.');
  if (change.waitsUntil !== null && change.push === null) {
    // Its date has come, and it waits behind something else: nothing of it is on its way.
    const { actor, reason } = command;
    step.audit('change_cancel_asked', {
      change: change.id,
      actor,
      reason,
      note: 'It is taken back before it was told to Stripe.',
    });
    step.change = change;
    rollBack(step, change, 'canceled', 'It was canceled before it took effect.');
    return;
  }
  const { push } = step.account;
  if (push?.withdrawal?.dropped.includes(change.id)) {
    // Said twice, by somebody who lost the first answer: it is being taken back already.
    step.change = change;
    return;
  }
  if (
    push?.state !== 'awaiting_payment' ||
    change.push !== push.id ||
    push.withdrawal ||
    push.payment?.invoice == null
  ) {
    refuse('not_cancellable', 'It is on its way to Stripe and ends in a moment; change the seats again after that.');
  }
  const paused = step.account.pausedReason ?? step.before.installationPaused;
  if (paused !== null) refuse('paused', `Changes at Stripe are paused: ${paused}`);
  step.change = change;
  step.audit('change_cancel_asked', {
    change: change.id,
    ...said,
    note: 'It is to be canceled before anybody pays for it.',
  });
  withdraw(step, push, [change.id], true);
}

function accept(
  step: Step,
  request: SeatRequest,
  fingerprint: string,
  change: Partial<SeatChange> & {
    readonly quantity: number;
    readonly seatsAfter: number;
    readonly applied?: boolean;
    /** Why it is parked. */
    readonly note?: string;
  },
  approved: SeatChange | null = null,
): SeatChange {
  const { applied = false, note, ...fields } = change;
  // The account as it was loaded: the command may have moved seats already.
  const before = step.before.account;
  // An approval is the newest word, so it comes after all that was asked for meanwhile.
  const number = before.changeCount + 1;
  const row: SeatChange = {
    id: request.changeId,
    number,
    kind: request.type,
    status: applied ? 'applied' : 'requested',
    push: null,
    setSeats: null,
    delta: 0,
    takes: 0,
    holders: [],
    reserve: false,
    prorationDate: null,
    hangsOn: null,
    alone: false,
    waitsUntil: null,
    asked: null,
    amount: null,
    idempotencyKey: request.idempotencyKey,
    fingerprint,
    actor: request.actor,
    reason: request.reason,
    seatsBefore: before.seatCount,
    code: null,
    message: null,
    payment: false,
    supersededBy: null,
    requestedAt: step.now,
    endedAt: applied ? step.now : null,
    ...fields,
    ...(applied ? { takes: 0 } : {}),
    ...(approved
      ? {
          requestedAt: approved.requestedAt,
          fingerprint: approved.fingerprint,
          asked: approved.asked,
          // So many were approved.
          seatsBefore: request.type === 'set' ? approved.seatsBefore : before.seatCount,
        }
      : {}),
  };
  const parked = isParked(row);
  step.update({ changeCount: number });
  step.change = row;
  step.put(row);
  if (!applied && !parked) reserveSeats(step, row);
  recount(step);
  const about = { change: row.id, actor: row.actor, reason: row.reason };
  if (approved === null) step.audit('change_requested', { ...about, note: describe(row) });
  if (row.status === 'scheduled') {
    const at = new Date(row.waitsUntil ?? 0).toISOString();
    step.audit('change_parked', { ...about, note: `It takes effect when the paid period is over (${at}).` });
    step.event({ type: 'change.scheduled', change: row.id, data: { seats: row.seatsAfter, at } });
  }
  if (row.status === 'awaiting_approval') {
    step.audit('change_parked', { ...about, note: `It waits for an owner's approval. ${note ?? ''}` });
    step.event({
      type: 'change.awaiting_approval',
      change: row.id,
      data: { seats: row.seatsAfter, message: note ?? '' },
    });
  }
  if (applied) {
    step.audit('change_applied', { ...about, note: 'Nothing to change at Stripe.' });
    step.event({ type: 'change.applied', change: row.id, data: { seats: row.seatsAfter } });
  }
  return row;
}

/** The request's content as canonical text: the same key with another text is another request. */
export function fingerprintOf(request: SeatRequest): string {
  const { changeId: _id, idempotencyKey: _key, actor: _actor, reason: _reason, ...asked } = request;
  // What it costs was found out by us and is no part of the request.
  const { price: _price, ...rest } = { price: undefined, ...asked };
  // A quote is named by its id: whether it is still good may change between two tries, the request does not.
  const content = 'quote' in rest && rest.quote ? { ...rest, quote: rest.quote.id } : rest;
  return JSON.stringify(
    Object.entries(content)
      .filter(([, value]) => value !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Every holder that a request names. */
export function holdersOf(request: SeatRequest): string[] {
  if (request.type === 'set') return [];
  if (request.type === 'transfer') return (request.holders ?? []).flatMap(({ from, to }) => [from, to]);
  return [...(request.holders ?? [])];
}
