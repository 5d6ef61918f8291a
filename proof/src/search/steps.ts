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
import { judgeCommit, judgeSend } from './judge.ts';
import { arrive, read } from './stripe-model.ts';
import {
  type Asked,
  type Beginning,
  idle,
  type Process,
  type Sent,
  stateOf,
  type Trouble,
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
  ofTime(steps, world);
  if (world.left.foreign > 0) {
    steps.push({
      name: `somebody else sets Stripe's quantity to ${world.stripe.quantity + 3}`,
      fault: true,
      next: () => ({
        ...world,
        foreignCame: true,
        left: { ...world.left, foreign: world.left.foreign - 1 },
        stripe: { ...world.stripe, quantity: world.stripe.quantity + 3, lastWriter: 'foreign' },
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
      const answered = (trouble: Trouble | null, more: Partial<World> = {}): World => {
        const { stripe, answer } = arrive(world.stripe, sent.push, { now: world.now, ...beginning, trouble });
        return becomes(
          { is: 'answered', push: sent.push, answer, lastWriter: stripe.lastWriter, asleep: false },
          { ...more, stripe },
        );
      };
      add('has its answer from Stripe', () => answered(null));
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
      add('reads Stripe', () => becomes(reads(read(world.stripe), world.stripe.lastWriter)));
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

/** Time passes to the next moment at which something can happen, when nobody awake has anything to do. */
function ofTime(steps: Step[], world: World): void {
  const { now, account, lease } = world;
  const busy = world.processes.some((process) =>
    process.is === 'idle' || process.is === 'sender'
      ? false
      : process.is === 'sent' || process.is === 'reader' || !process.asleep,
  );
  const polls =
    isDue(world) && world.processes.some((process, index) => process.is === 'idle' && mayClaim(world, index));
  if (busy || polls) return;
  const moments = [account.dueAt, lease === null ? null : lease.until + 1].filter((at) => at !== null && at > now);
  const next = Math.min(...(moments as number[]));
  if (!Number.isFinite(next)) return;
  // A request that was sent is over within its lifetime: it has arrived by then, or never will.
  if (world.orphans.some((sent) => next - sent.at > policy.requestLifetimeMs)) return;
  // Past a day Stripe has forgotten the key of a sleeper, and its request is anybody's; docs/proof.md says what follows.
  if (
    world.processes.some(
      (process) => process.is === 'sender' && next - (process.push.lastSentAt ?? 0) >= sleepsAtMostMs,
    )
  )
    return;
  steps.push({
    name: `${((next - now) / 1_000).toFixed(1)} seconds pass`,
    fault: false,
    next: () => ({ ...world, now: next }),
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

function least(a: number | null, b: number): number {
  return a === null ? b : Math.min(a, b);
}
