/**
 * Every step that can be taken in a small world. Reading, deciding and committing are one step: a commit that lost its race
 * writes nothing and decides again, so no other order of the three can be told apart (that the stores keep this is what the
 * conformance suite shows). Whatever lies between a commit, Stripe and the next commit is a step of its own, and everything
 * else can happen in between.
 */
import { decideTogether, type Item } from '../../../packages/engine/src/core/decide-together.ts';
import { policy } from '../../../packages/engine/src/core/policy.ts';
import { SeatRefused } from '../../../packages/engine/src/core/refusals.ts';
import type { Answer, Decision, SeatChange } from '../../../packages/engine/src/core/types.ts';
import { judgeCommit, judgeSend, judgeVoiding } from './judge.ts';
import { arrive, pay, read, voidInvoice, withoutPending } from './stripe-model.ts';
import {
  type Asked,
  type Beginning,
  idle,
  type Process,
  type Sent,
  stateOf,
  type Trouble,
  type Voiding,
  type World,
} from './world.ts';

/** One step: what is done, by which process. `fault`: it counts against what may go wrong, and healing never takes it. */
export interface Step {
  readonly name: string;
  readonly fault: boolean;
  readonly next: () => World;
}

/** A promise was broken by this very step. */
export class Broken extends Error {
  readonly guarantee: string;
  constructor(guarantee: string, message: string) {
    super(message);
    this.guarantee = guarantee;
  }
}

const sleepsAtMostMs = 24 * 3_600_000;
const noAnswer: Answer = { kind: 'no_answer', reason: 'timeout', message: 'no answer' };

/** All steps from here, those that heal first and in the order in which healing takes them. */
export function stepsFrom(world: World, beginning: Beginning): Step[] {
  const steps: Step[] = [];
  const seen = new Set<string>();
  world.processes.forEach((process, index) => {
    // Two idle processes differ by nothing but the lease.
    if (process.is === 'idle') {
      const kind = world.lease?.owner === index ? 'owner' : 'idle';
      if (seen.has(kind)) return;
      seen.add(kind);
    }
    ofProcess(steps, world, index, process, beginning);
  });
  for (const [index, sent] of world.orphans.entries()) ofOrphan(steps, world, index, sent, beginning);
  for (const [index, voiding] of world.voids.entries()) ofVoid(steps, world, index, voiding);
  ofPayment(steps, world);
  ofTime(steps, world);
  ofClock(steps, world);
  if (world.left.foreign > 0) {
    steps.push({
      name: `somebody else sets Stripe's quantity to ${world.stripe.quantity + 3}`,
      fault: true,
      next: () => ({
        ...world,
        foreignCame: true,
        left: { ...world.left, foreign: world.left.foreign - 1 },
        stripe: { ...withoutPending(world.stripe), quantity: world.stripe.quantity + 3, lastWriter: 'foreign' },
        // Its webhook is here at once or never; a sweep finds it later.
        account: { ...world.account, marks: world.account.marks + 1, dueAt: least(world.account.dueAt, world.now) },
      }),
    });
  }
  return steps;
}

function ofProcess(steps: Step[], world: World, index: number, process: Process, beginning: Beginning): void {
  const who = `process ${index + 1}`;
  const { left } = world;
  const add = (name: string, next: () => World, fault = false) => steps.push({ name: `${who} ${name}`, fault, next });
  const becomes = (now: Process, more: Partial<World> = {}): World => ({ ...withProcess(world, index, now), ...more });
  const spend = (what: keyof typeof left): Partial<World> => ({ left: { ...left, [what]: left[what] - 1 } });

  switch (process.is) {
    case 'idle': {
      beginning.script.forEach((asked, place) => {
        if ((world.asked & (1 << place)) !== 0) return;
        const inTurn = place === 0 || (world.asked & (1 << (place - 1))) !== 0;
        if (beginning.order === 'script' && !inTurn) return;
        add(`is asked to ${JSON.stringify(asked)}`, () => ask(world, index, asked, place), true);
      });
      if (isDue(world) && mayClaim(world, index)) add('finds the account due', () => wake(world, index));
      return;
    }
    case 'sender':
      add('wakes up and sends', () => becomes({ is: 'sent', sent: { push: process.push, at: world.now, late: true } }));
      break;
    case 'sent': {
      const { sent } = process;
      const answered = (trouble: Trouble | null, more: Partial<World> = {}, unpaid = false): World => {
        const { stripe, answer } = arrive(world.stripe, sent.push, { now: world.now, ...beginning, trouble, unpaid });
        return becomes(
          { is: 'answered', push: sent.push, answer, lastWriter: stripe.lastWriter, asleep: false },
          { ...more, stripe },
        );
      };
      add('has its answer from Stripe', () => answered(null));
      if (left.unpaid > 0 && sent.push.target.quantity > world.stripe.quantity) {
        add('is answered that the payment is open', () => answered(null, spend('unpaid'), true), true);
      }
      if (left.troubles > 0) {
        for (const trouble of beginning.troubles) {
          add(`is answered ${trouble}`, () => answered(trouble, spend('troubles')), true);
        }
      }
      if (left.losses > 0) {
        add(
          'hears nothing and gives up; its request stays on the wire',
          () =>
            becomes(
              { is: 'answered', push: sent.push, answer: noAnswer, lastWriter: null, asleep: false },
              { ...spend('losses'), orphans: [...world.orphans, sent] },
            ),
          true,
        );
      }
      break;
    }
    case 'answered':
      if (process.asleep) add('wakes up with the answer', () => becomes({ ...process, asleep: false }));
      else {
        add('writes what the answer means', () => answer(world, index, process));
        if (left.sleeps > 0) {
          add('falls asleep with the answer', () => becomes({ ...process, asleep: true }, spend('sleeps')), true);
        }
      }
      break;
    case 'voiding': {
      const { push, invoice } = process.voiding;
      const attempt = push.withdrawal?.attempt ?? 0;
      add('hears what became of the voiding', () => {
        const { stripe, refused } = voidInvoice(world.stripe, invoice);
        return becomes({ is: 'voided', push, attempt, refused }, { stripe });
      });
      if (left.losses > 0) {
        add(
          'hears nothing of the voiding, which stays on the wire',
          () =>
            becomes(
              { is: 'voided', push, attempt, refused: false },
              { ...spend('losses'), voids: [...world.voids, process.voiding] },
            ),
          true,
        );
      }
      break;
    }
    case 'voided':
      add('writes what became of the voiding', () => withdrawn(world, index, process));
      break;
    case 'reader': {
      const { version, began } = process;
      const reads = (look: ReturnType<typeof read>, lastWriter: string | null): Process => ({
        is: 'read',
        version,
        began,
        look,
        lastWriter,
        asleep: false,
      });
      const invoice = world.account.push?.payment?.invoice ?? null;
      add('reads Stripe', () => becomes(reads(read(world.stripe, world.now, invoice), world.stripe.lastWriter)));
      if (left.losses > 0) {
        add(
          'cannot read Stripe',
          () => becomes(reads({ kind: 'failed', message: 'no answer' }, null), spend('losses')),
          true,
        );
      }
      break;
    }
    case 'read':
      if (process.asleep) add('wakes up with what it read', () => becomes({ ...process, asleep: false }));
      else {
        add('writes what it read', () => looked(world, index, process));
        if (left.sleeps > 0) {
          add('falls asleep with what it read', () => becomes({ ...process, asleep: true }, spend('sleeps')), true);
        }
      }
      break;
  }
  // A sleeper before the wire is born where the send begins, because nothing can tell the two apart before.
  if (process.is === 'sent' && left.sleeps > 0 && process.sent.at === world.now && !process.sent.late) {
    add(
      'falls asleep before it sends',
      () => becomes({ is: 'sender', push: process.sent.push, asleep: true }, spend('sleeps')),
      true,
    );
  }
  if (left.crashes > 0) {
    add(
      'is killed',
      () => {
        const { lease } = world;
        return becomes(idle, {
          ...spend('crashes'),
          orphans: process.is === 'sent' ? [...world.orphans, process.sent] : world.orphans,
          voids: process.is === 'voiding' ? [...world.voids, process.voiding] : world.voids,
          lease: lease?.owner === index ? { ...lease, owner: null } : lease,
        });
      },
      true,
    );
  }
}

function ofOrphan(steps: Step[], world: World, index: number, sent: Sent, beginning: Beginning): void {
  const orphans = world.orphans.filter((_, other) => other !== index);
  const name = `the lost request for quantity ${sent.push.target.quantity}`;
  steps.push({
    name: `${name} arrives at Stripe`,
    fault: false,
    next: () => {
      const { stripe } = arrive(world.stripe, sent.push, { now: world.now, ...beginning, trouble: null });
      return { ...world, orphans, stripe };
    },
  });
  steps.push({ name: `${name} never arrives`, fault: true, next: () => ({ ...world, orphans }) });
}

function ofVoid(steps: Step[], world: World, index: number, { invoice }: Voiding): void {
  const voids = world.voids.filter((_, other) => other !== index);
  steps.push({
    name: 'the lost voiding arrives at Stripe',
    fault: false,
    next: () => ({ ...world, voids, stripe: voidInvoice(world.stripe, invoice).stripe }),
  });
  steps.push({ name: 'the lost voiding never arrives', fault: true, next: () => ({ ...world, voids }) });
}

/** What waits for its payment is paid, at any moment, or lapses; the webhook of the payment comes at once or never. */
function ofPayment(steps: Step[], world: World): void {
  const { pending } = world.stripe;
  if (pending === null) return;
  const paid = (): World => ({ ...world, stripe: pay(world.stripe, pending) });
  steps.push({ name: 'the customer pays, and the webhook is lost', fault: true, next: paid });
  steps.push({ name: 'the customer pays', fault: true, next: () => marked(paid()) });
  if (isBusy(world)) return;
  steps.push({
    name: 'the payment lapses',
    fault: false,
    next: () => ({ ...world, stripe: withoutPending(world.stripe) }),
  });
}

/** The database's clock jumps to the end of the claim, or past the end of the paid period; nobody else's does. */
function ofClock(steps: Step[], world: World): void {
  const { now, lease, left, stripe } = world;
  if (left.jumps === 0) return;
  const to = (what: string, at: number) =>
    steps.push({
      name: `the database's clock jumps ${what}`,
      fault: true,
      next: () => {
        const by = at - now;
        // What is on the wire is not a moment older by that.
        const sent = (one: Sent): Sent => ({ ...one, at: one.at + by });
        return {
          ...world,
          now: at,
          left: { ...left, jumps: left.jumps - 1 },
          orphans: world.orphans.map(sent),
          voids: world.voids.map((one) => ({ ...one, at: one.at + by })),
          processes: world.processes.map((one) => (one.is === 'sent' ? { ...one, sent: sent(one.sent) } : one)),
        };
      },
    });
  if (lease !== null && lease.until >= now) to('past the end of the claim', lease.until + 1);
  const end = stripe.period === null ? null : stripe.period.start + stripe.period.lengthMs;
  if (end !== null && end > now) to('past the end of the paid period', end + 1);
}

/** Somebody awake has something to do. */
function isBusy(world: World): boolean {
  return world.processes.some((process) => {
    if (process.is === 'idle' || process.is === 'sender') return false;
    return process.is === 'answered' || process.is === 'read' ? !process.asleep : true;
  });
}

/** Time passes to the next moment at which something can happen, when nobody awake has anything to do. */
function ofTime(steps: Step[], world: World): void {
  const { now, account, lease } = world;
  const polls =
    isDue(world) && world.processes.some((process, index) => process.is === 'idle' && mayClaim(world, index));
  if (isBusy(world) || polls) return;
  const moments = [account.dueAt, lease === null ? null : lease.until + 1].filter((at) => at !== null && at > now);
  const next = Math.min(...(moments as number[]));
  if (!Number.isFinite(next)) return;
  // A request that was sent is over within its lifetime: it has arrived by then, or never will.
  if (world.voids.some((voiding) => next - voiding.at > policy.requestLifetimeMs)) return;
  if (world.orphans.some((sent) => next - sent.at > policy.requestLifetimeMs)) return;
  // Past a day Stripe has forgotten the key of a sleeper, and its request is anybody's; docs/proof.md says what follows.
  if (
    world.processes.some(
      (process) => process.is === 'sender' && next - (process.push.lastSentAt ?? 0) >= sleepsAtMostMs,
    )
  )
    return;
  // While an invoice is open the account is read again and again; twice tells all that more could.
  const unpaid = world.stripe.pending !== null;
  if (unpaid && world.left.waits === 0) return;
  const left = unpaid ? { ...world.left, waits: world.left.waits - 1 } : world.left;
  steps.push({
    name: `${((next - now) / 1_000).toFixed(1)} seconds pass`,
    fault: false,
    next: () => ({ ...world, now: next, left }),
  });
}

// What a process does, with the production rules.

function ask(world: World, index: number, asked: Asked, place: number): World {
  const name = place + 1;
  const request = { ...asked, changeId: `c${name}`, idempotencyKey: `k${name}`, actor: 'olga', reason: null } as const;
  const next = { ...world, asked: world.asked | (1 << place) };
  return commit(next, index, { type: 'request', request }, null).world;
}

function wake(world: World, index: number): World {
  const claimed: World = { ...world, lease: { owner: index, until: world.now + policy.leaseMs } };
  const item: Item = { type: 'internal', command: { type: 'wake', pushId: nextPush(world) } };
  const { world: next, acts } = commit(claimed, index, item, null);
  return acts ? next : { ...next, lease: null };
}

function answer(world: World, index: number, heard: Extract<Process, { is: 'answered' }>): World {
  const { push } = heard;
  const item: Item = {
    type: 'internal',
    command: {
      type: 'answer',
      push: push.id,
      generation: push.generation,
      attempt: push.attempt,
      answer: heard.answer,
      pushId: nextPush(world),
    },
  };
  return commit(withProcess(world, index, idle), index, item, heard.lastWriter).world;
}

function withdrawn(world: World, index: number, { push, attempt, refused }: Extract<Process, { is: 'voided' }>): World {
  const item: Item = { type: 'internal', command: { type: 'withdrawn', push: push.id, attempt, refused } };
  return commit(withProcess(world, index, idle), index, item, null).world;
}

function looked(world: World, index: number, seen: Extract<Process, { is: 'read' }>): World {
  const item: Item = {
    type: 'internal',
    command: { type: 'looked', look: seen.look, pushId: nextPush(world), began: seen.began },
    onlyAtVersion: seen.version,
  };
  return commit(withProcess(world, index, idle), index, item, seen.lastWriter).world;
}

/** Decides, writes, and begins what the decision asks for. `acts`: this process has something to do at Stripe now. */
function commit(world: World, index: number, item: Item, lastWriter: string | null): { world: World; acts: boolean } {
  const before = stateOf(world);
  const { decision, results } = decideTogether(before, [item], { pushId: nextPush(world), sendNow: true });
  const [result] = results;
  if (result?.is === 'refused' && !(result.error instanceof SeatRefused)) throw result.error;
  let next = decision.changed ? write(world, decision) : world;
  if (decision.changed) judgeCommit(world, next, decision, lastWriter);
  const { effect } = decision;
  if (decision.changed) {
    if (effect.type !== 'none') next = { ...next, lease: { owner: index, until: world.now + policy.leaseMs } };
    else if (item.type === 'internal' && next.lease?.owner === index) next = { ...next, lease: null };
  }
  if (effect.type === 'send') {
    judgeSend(next, effect.push);
    const sent: Sent = { push: effect.push, at: world.now, late: false };
    next = withProcess(next, index, { is: 'sent', sent });
  } else if (effect.type === 'withdraw') {
    judgeVoiding(next, effect.push);
    const invoice = effect.push.payment?.invoice ?? '';
    const voiding: Voiding = { push: effect.push, invoice, at: world.now };
    next = withProcess(next, index, { is: 'voiding', voiding });
  } else if (effect.type === 'look') {
    const { version, marks } = next.account;
    next = withProcess(next, index, { is: 'reader', version, began: { at: world.now, marks } });
  }
  return { world: next, acts: effect.type !== 'none' };
}

/** What one commit writes. The engine's own state is taken as it is; everything the judge needs is kept beside it. */
function write(world: World, decision: Decision): World {
  const { state, records } = decision;
  let { recounted } = world;
  const written = new Map(records.changes.map((change) => [change.id, change]));
  for (const entry of records.audit) {
    const change = entry.kind === 'change_applied' ? written.get(entry.change ?? '') : undefined;
    if (change) recounted = countedWith(recounted, change);
  }
  const changes = new Map(world.changes);
  for (const change of records.changes) if (change.idempotencyKey !== null) changes.set(change.idempotencyKey, change);
  const intents = new Map(world.intents);
  for (const push of records.pushesOpened) intents.set(push.id, push.request.body);
  const holders = new Map(world.holders);
  for (const [name, row] of records.holders) {
    if (row === null) holders.delete(name);
    else holders.set(name, row);
  }
  return {
    ...world,
    account: {
      ...state.account,
      version: world.account.version + 1,
      audit: { length: world.account.audit.length + records.audit.length, head: '' },
    },
    waiting: state.waiting,
    parked: state.parked,
    incidents: state.incidents,
    holders,
    changes,
    intents,
    recounted,
  };
}

function countedWith(seats: number, change: SeatChange): number {
  return change.setSeats ?? seats + change.delta;
}

function nextPush(world: World): string {
  return `p${world.intents.size + 1}`;
}

function isDue({ account, now }: World): boolean {
  return account.dueAt !== null && account.dueAt <= now;
}

function mayClaim({ lease, now }: World, index: number): boolean {
  return lease === null || lease.until < now || lease.owner === index;
}

function withProcess(world: World, index: number, process: Process): World {
  return { ...world, processes: world.processes.map((other, at) => (at === index ? process : other)) };
}

function marked(world: World): World {
  const { account, now } = world;
  return { ...world, account: { ...account, marks: account.marks + 1, dueAt: least(account.dueAt, now) } };
}

function least(a: number | null, b: number): number {
  return a === null ? b : Math.min(a, b);
}
