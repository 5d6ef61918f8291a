/**
 * The text by which two worlds are the same world. What is left out cannot be told apart by any later step:
 *
 *   names      pushes are named by their order among those that something still speaks of; processes by what they do
 *   time       every time is told from now. Past `due` times are all "due"; ages are told up to the largest bound that the
 *              policy compares them with. Nothing is rounded: two worlds are merged only when every comparison that a rule
 *              can make, now or later, comes out the same.
 *   history    notes, request ids, who asked, and changes that have ended: no rule reads them
 */
import { policy } from '../../../packages/engine/src/core/policy.ts';
import type { Account, Answer, LookResult, OpenPush } from '../../../packages/engine/src/core/types.ts';
import type { Process, Sent, World } from './world.ts';

/**
 * Fields that no rule compares with anything, or that never change in a world: its script asks for seats only, so the
 * terms and the link are those of its beginning. `lookedAt` is for people; rules go by `nextLookAt` and the marks.
 */
const untold: ReadonlySet<string> = new Set([
  ...(['organization', 'seatType', 'version', 'link', 'terms', 'changeCount', 'lookedAt', 'audit', 'marks'] as const),
  ...(['message', 'requestId', 'fingerprint', 'actor', 'reason', 'requestedAt', 'seatsBefore', 'seatsAfter'] as const),
  // Told apart from the rest, by what rules read of it: `toldObserved`.
  ...(['observed', 'observation'] as const),
  // No world asks for so many pushes that a quota of the subscription comes into sight.
  ...(['quotaUsed'] as const),
  ...(['idempotencyKey', 'number', 'apiVersion', 'path', 'marksSeen', 'tails'] as const),
]);
/** Times at which something is to happen: once past, they are only past. */
const dueTimes = new Set(['nextAt', 'nextLookAt', 'dueAt', 'expiresAt', 'waitsUntil']);
/** Times at which something began, and the largest age that a rule asks about. */
const ages = new Map<string, number>([
  ['keySince', policy.keyLifetimeMs],
  ['intendedAt', policy.backOffLimitMs],
  ['lastSentAt', policy.requestLifetimeMs],
  ['firstServerErrorAt', policy.spentAfterMs],
  ['since', policy.doubtIncidentMs],
]);

export function canonical(world: World, forgets: boolean): string {
  const { account, now, stripe } = world;
  const names = namesOf(world);
  const nameOf = (push: string): string => names.get(push) ?? '?';
  let text = `${told(account, now, nameOf)}m${account.marks - account.marksSeen}o${toldObserved(account.observed)}`;
  for (const tail of account.tails) {
    text += `t${nameOf(tail.push)}${tail.targetQuantity}${tail.rolledBack}${tail.confirmed === true ? 'c' : ''}${tail.dueAt.map((at) => at - now).join()}`;
  }
  for (const change of world.waiting) text += `c${told(change, now, nameOf)}`;
  for (const change of world.parked) text += `d${told(change, now, nameOf)}`;
  for (const row of [...world.holders.values()].sort((a, b) => (a.holder < b.holder ? -1 : 1))) {
    text += `h${row.holder}${row.state}${row.change}`;
  }
  for (const incident of world.incidents)
    text += `i${incident.kind}${incident.push === null ? '' : nameOf(incident.push)}`;
  text += `|${stripe.quantity}${stripe.lastWriter === null ? '' : nameOf(stripe.lastWriter)}`;
  for (const [key, stored] of stripe.keys) {
    const [, push, generation] = key.split(':');
    const name = names.get(push ?? '');
    if (name !== undefined) {
      text += `k${name}.${generation}${toldAnswer(stored.answer)}${forgets ? stored.at - now : ''}`;
    }
  }
  text += toldPayments(world, nameOf);
  const { lease } = world;
  const owned = lease !== null && lease.until > now;
  text += `|${world.orphans
    .map((sent) => toldSent(sent, now, nameOf))
    .sort()
    .join()}`;
  const processes = world.processes.map((process, index) => {
    const holdsLease = owned && lease.owner === index ? 'L' : '';
    return toldProcess(process, world, nameOf) + holdsLease;
  });
  text += `|${processes.sort().join(';')}|${owned ? lease.until - now : ''}${owned && lease.owner === null ? 'dead' : ''}`;
  const { crashes, losses, troubles, sleeps, foreign, unpaid, waits, jumps } = world.left;
  const left = `${crashes}.${losses}.${troubles}.${sleeps}.${foreign}.${unpaid}.${waits}.${jumps}`;
  return `${text}|${world.asked}.${left}.${world.recounted}`;
}

/** Invoices that somebody may still ask for, and where the paid period is from now. */
function toldPayments({ stripe, voids, account, processes, now }: World, nameOf: (push: string) => string): string {
  const { pending, invoices, period } = stripe;
  let text = pending === null ? '' : `$${nameOf(pending.push)}${pending.to}`;
  const asked = new Set([account.push?.payment?.invoice, ...voids.map(({ invoice }) => invoice)]);
  for (const process of processes) if (process.is === 'voiding') asked.add(process.voiding.invoice);
  for (const [invoice, status] of invoices)
    if (asked.has(invoice)) text += `$${nameOf(pushOfInvoice(invoice))}${status}`;
  text += voids
    .map(({ push, at }) => `v${nameOf(push.id)}@${at - now}`)
    .sort()
    .join();
  return period === null ? text : `${text}p${now - period.start}`;
}

function pushOfInvoice(invoice: string): string {
  return invoice.slice('in_'.length);
}

/** Pushes that something still speaks of, named in the order in which they were opened. */
function namesOf(world: World): ReadonlyMap<string, string> {
  const spokenOf = new Set<string>();
  const { push, tails } = world.account;
  if (push) spokenOf.add(push.id);
  for (const tail of tails) spokenOf.add(tail.push);
  for (const sent of [...world.orphans, ...world.voids]) spokenOf.add(sent.push.id);
  if (world.stripe.pending !== null) spokenOf.add(world.stripe.pending.push);
  for (const process of world.processes) {
    if (process.is === 'sent') spokenOf.add(process.sent.push.id);
    if (process.is === 'voiding') spokenOf.add(process.voiding.push.id);
    if (process.is === 'sender' || process.is === 'answered' || process.is === 'voided') spokenOf.add(process.push.id);
    if ((process.is === 'answered' || process.is === 'read') && process.lastWriter !== null) {
      spokenOf.add(process.lastWriter);
    }
  }
  const inOrder = [...spokenOf].sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
  return new Map(inOrder.map((id, index) => [id, `p${index}`]));
}

/** Any object of the engine's, field by field, so that a field added there is told here without anybody thinking of it. */
function told(value: object, now: number, nameOf: (push: string) => string): string {
  let text = '{';
  for (const [field, content] of Object.entries(value)) {
    if (untold.has(field)) continue;
    text += `${shortened(field)}:`;
    if (content === null || typeof content === 'boolean') text += content === null ? '-' : content ? 'y' : 'n';
    else if (typeof content === 'number') text += toldNumber(field, content, now);
    else if (typeof content === 'string' && field === 'invoice') text += nameOf(pushOfInvoice(content));
    else if (typeof content === 'string')
      text += field === 'push' || isPushId(field, content) ? nameOf(content) : content;
    else if (Array.isArray(content)) text += toldList(content, now, nameOf);
    else text += told(content as object, now, nameOf);
    text += ',';
  }
  return `${text}}`;
}

/** Lists of words and numbers are their items; a list of objects is told like the objects. */
function toldList(list: readonly unknown[], now: number, nameOf: (push: string) => string): string {
  return list
    .map((item) => (typeof item === 'object' && item !== null ? told(item, now, nameOf) : String(item)))
    .join();
}

/**
 * What was seen last, without its quantity and its moment: rules about drift, terms and billing periods read the rest, and
 * compare quantities with what is seen now only. It is one object for many worlds, so its text is kept.
 */
function toldObserved(observed: Account['observed']): string {
  if (observed === null) return '-';
  const known = observedTexts.get(observed);
  if (known !== undefined) return known;
  const { at: _at, item, ...rest } = observed;
  const { quantity: _quantity, ...shown } = item ?? { quantity: null };
  const whole = JSON.stringify([rest, item === null ? null : shown]);
  // A few texts in all, so that what is hashed for each world stays short and says the same.
  const number = observedNumbers.get(whole) ?? observedNumbers.size;
  observedNumbers.set(whole, number);
  observedTexts.set(observed, String(number));
  return String(number);
}
const observedTexts = new WeakMap<object, string>();
const observedNumbers = new Map<string, number>();

function toldNumber(field: string, value: number, now: number): number {
  if (dueTimes.has(field)) return Math.max(0, value - now);
  const bound = ages.get(field);
  if (bound !== undefined) return Math.min(bound, now - value);
  return field.endsWith('At') ? value - now : value;
}

function isPushId(field: string, content: string): boolean {
  return field === 'id' && content.startsWith('p');
}

function shortened(field: string): string {
  return field.length > 6 ? `${field.slice(0, 4)}${field.slice(-2)}` : field;
}

function toldSent(sent: Sent, now: number, nameOf: (push: string) => string): string {
  return `${toldPush(sent.push, nameOf)}@${sent.at - now}${sent.late}`;
}

/** What matters of a push in the hands of its sender: which key, which send, which request. */
function toldPush(push: OpenPush, nameOf: (push: string) => string): string {
  return `${nameOf(push.id)}.${push.generation}.${push.attempt}.${push.target.quantity}`;
}

function toldAnswer(answer: Answer): string {
  if (answer.kind === 'no_answer') return answer.reason;
  const { replayed } = answer;
  const pending = answer.kind === 'success' && answer.pendingUpdate !== null ? '$' : '';
  return answer.kind === 'success'
    ? `ok${answer.quantity}${pending}${replayed}`
    : `${answer.status}${answer.code}${replayed}`;
}

function toldLook(look: LookResult, nameOf: (push: string) => string): string {
  if (look.kind !== 'seen') return look.kind;
  const { observation, invoice } = look;
  const pending = observation.pendingUpdate === null ? '' : `$${observation.pendingUpdate.items[0]?.quantity}`;
  const paid = invoice ? `$${nameOf(pushOfInvoice(invoice.id))}${invoice.status}` : '';
  return `${observation.item?.quantity}${pending}${paid}e${observation.item?.currentPeriodEnd}`;
}

function toldProcess(process: Process, world: World, nameOf: (push: string) => string): string {
  const { now, account } = world;
  switch (process.is) {
    case 'idle':
      return '';
    case 'sender':
      return `z${toldPush(process.push, nameOf)}`;
    case 'sent':
      return `s${toldSent(process.sent, now, nameOf)}`;
    case 'answered': {
      const { push, answer, lastWriter, asleep } = process;
      return `a${toldPush(push, nameOf)}${toldAnswer(answer)}${lastWriter === null ? '' : nameOf(lastWriter)}${asleep}`;
    }
    case 'voiding':
      return `v${toldPush(process.voiding.push, nameOf)}.${process.voiding.push.withdrawal?.attempt}@${process.voiding.at - now}`;
    case 'voided':
      return `V${toldPush(process.push, nameOf)}.${process.attempt}.${process.refused}`;
    case 'reader':
    case 'read': {
      const current = process.version === account.version;
      // A reading of a state that is not current any more counts for nothing, whatever it shows.
      if (!current) return `${process.is}-old${process.is === 'read' ? process.asleep : ''}`;
      const settled =
        account.push?.lastSentAt != null && process.began.at >= account.push.lastSentAt + policy.requestLifetimeMs;
      const began = `${process.began.at - now}.${account.marks - process.began.marks}.${settled}`;
      if (process.is === 'reader') return `r${began}`;
      const shown = toldLook(process.look, nameOf);
      return `R${began}.${shown}.${process.lastWriter === null ? '' : nameOf(process.lastWriter)}${process.asleep}`;
    }
  }
}
