// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these strings are excerpts of source files that have templates.
/** Bugs that a careful engineer could have written, each as one replacement in one file. A place that is gone fails the tests. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface Planted {
  readonly name: string;
  /** Below packages/engine/src, or below proof for what stands for a statement of PostgreSQL. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The check to ask first, where it is known not to be the schedules; the others are asked if it finds nothing. */
  readonly first?: 'search' | 'direct tests';
}

export const planted: readonly Planted[] = [
  {
    name: 'roll back on a timeout',
    file: 'core/evidence.ts',
    from: "if (answer.kind === 'no_answer') return unknown(answer.reason);",
    to: "if (answer.kind === 'no_answer') return { is: 'refused', code: 'timeout', message: 'No answer.', key: null, payment: false };",
  },
  {
    name: 'a new key per attempt',
    file: 'core/push.ts',
    from: '    attempt: push.attempt + 1,',
    to: '    generation: again ? push.generation + 1 : push.generation,\n    attempt: push.attempt + 1,',
  },
  {
    name: 'settle without fencing: any answer ends the open push',
    file: 'core/decide.ts',
    from: 'if (push === null || push.id !== command.push || push.generation !== command.generation) {',
    to: 'if (push === null) {',
  },
  {
    name: 'fold in the wrong order',
    file: 'core/batch.ts',
    from: '  for (const queued of batch) {\n',
    to: '  for (const queued of batch.toReversed()) {\n',
  },
  {
    name: 'a 429 on a retry proves that nothing ran',
    file: 'core/evidence.ts',
    from: "    if (onlySend) {\n      return { is: 'did_not_run'",
    to: "    if (push) {\n      return { is: 'did_not_run'",
  },
  {
    name: 'a 401 on a retry is a refusal, and nobody looks afterwards',
    file: 'core/evidence.ts',
    from: "if (onlySend) return { is: 'refused', code, message: answer.message, key, payment: false };",
    to: "if (push) return { is: 'refused', code, message: answer.message, key, payment: false };",
  },
  {
    name: 'a 400 on a retry is a refusal',
    first: 'search',
    file: 'core/evidence.ts',
    from: 'if (onlySend || replayed)',
    to: 'if (push || replayed)',
  },
  {
    name: 'replay after 23 hours',
    file: 'core/decide.ts',
    from: 'else if (step.now - push.keySince >= policy.keyLifetimeMs) leaveStaleKey(step, push, pushId);',
    to: '',
  },
  {
    name: 'forget the reservations on a rollback',
    file: 'core/change.ts',
    from: '  step.update({ reserved: step.account.reserved - change.takes });\n  recount(step);',
    to: '  recount(step);',
  },
  {
    name: 'leave the named seats of a rollback behind',
    file: 'core/change.ts',
    from: '  for (const name of change.holders) step.dropHolder(name);\n',
    to: '',
  },
  {
    name: 'a takeover looks like an only send',
    file: 'core/push.ts',
    from: '    unproven: push.unproven + 1,',
    to: '    unproven: 1,',
  },
  {
    name: 'settle from a replay without looking, now or later',
    file: 'core/evidence.ts',
    from: "return { is: 'applied', clean: onlySend && !answer.replayed };",
    to: "return { is: 'applied', clean: true };",
  },
  {
    name: 'settle at the seat count instead of the target',
    file: 'core/decide.ts',
    from: 'agreeOn(step, push.target.seats, counted);',
    to: 'agreeOn(step, step.account.seatCount, counted);',
  },
  {
    name: 'change the request on replay',
    file: 'core/push.ts',
    from: '    lastSentAt: step.now,\n    nextAt: step.now + policy.leaseMs,\n    doubt,',
    to: '    request: quantityRequest(push.link, quantityFor(step.account.seatCount, step.account.terms), step.account.terms.increase, null),\n    lastSentAt: step.now,\n    nextAt: step.now + policy.leaseMs,\n    doubt,',
  },
  {
    name: 'punish the whole batch for one declined increase',
    first: 'direct tests',
    file: 'core/decide.ts',
    from: 'const retried = declined && changes.length > 1 ? setAside(step, changes) : new Set<string>();',
    to: 'const retried = new Set<string>();',
  },
  {
    name: 'no tail looks after a rollback in doubt',
    file: 'core/decide.ts',
    from: 'if (refusal.watch) step.update',
    to: 'if (false as boolean) step.update',
  },
  {
    name: 'adopt our own late write as somebody else`s change',
    file: 'core/drift.ts',
    from: '(tail) => tail.rolledBack && tail.targetQuantity === quantity && tail.push !== account.push?.id,',
    to: '() => false,',
  },
  {
    name: 'overwrite what shows neither `from` nor target',
    first: 'direct tests',
    file: 'core/decide.ts',
    from: "  if (unexpected || payment === 'paid') {",
    to: '  if (quantity === null) {',
  },
  {
    name: 'roll back an unclear refusal without waiting for what is under way',
    first: 'search',
    file: 'core/decide.ts',
    from: '      if (seenAt >= overAt) {',
    to: '      if (overAt > 0) {',
  },
  {
    name: 'a second generation counts as an only send',
    file: 'core/evidence.ts',
    from: 'return push.generation === 1 && push.unproven === 1',
    to: 'return push.unproven === 1',
  },
  {
    name: 'a spent key is replaced without looking',
    file: 'core/evidence.ts',
    from: "...(spent ? { next: 'look' as const, lookFor: 'spent_key' as const } : {}),",
    to: '',
  },
  {
    name: 'a changed world is not seen: marks do not make an account due',
    file: 'core/step.ts',
    from: '  if (account.marks > account.marksSeen) times.push(0);\n',
    to: '',
  },
  {
    name: 'two increases while held',
    first: 'direct tests',
    file: 'core/request.ts',
    from: '  if (account.hold) {\n    refuse(',
    to: '  if (account.hold && account.push) {\n    refuse(',
  },
  {
    name: 'give out seats that are bought and not confirmed',
    file: 'core/step.ts',
    from: 'const bound = Math.min(account.settledSeats, account.push?.target.seats ?? account.settledSeats, account.seatCount);',
    to: 'const bound = account.seatCount;',
  },
  {
    name: 'a fold does not ask again whether a decrease still fits',
    file: 'core/batch.ts',
    from: '    if (unfit !== null) {\n',
    to: "    if (unfit !== null && unfit.code !== 'below_used' && unfit.code !== 'no_seat_available') {\n",
  },
  {
    name: 'the same key is a second change',
    file: 'core/request.ts',
    from: '  if (earlier) {\n    if (earlier.fingerprint',
    to: '  if (earlier && earlier.endedAt !== null) {\n    if (earlier.fingerprint',
  },
  {
    name: 'the wake-up of a mark that arrived during a commit is cleared',
    file: 'proof/src/memory-store.ts',
    from: 'dueAt: unmarked ? state.account.dueAt : least(state.account.dueAt, was.dueAt),',
    to: 'dueAt: state.account.dueAt,',
  },
  {
    name: 'the version is not checked',
    file: 'proof/src/memory-store.ts',
    from: "if (rows === undefined || rows.account.version !== before.account.version) return 'conflict';",
    to: "if (rows === undefined) return 'conflict';",
  },
  {
    name: 'a lost race is reported as committed',
    file: 'lane.ts',
    from: "if (outcome === 'conflict') return null;",
    to: '',
  },
  {
    name: 'a commit in doubt is taken for one that failed',
    file: 'lane.ts',
    from: 'doubts.push({ results, claimedAt });',
    to: 'void claimedAt;',
  },
  {
    name: 'a look counts whatever was written since it began',
    file: 'core/decide-together.ts',
    from: 'if (item.onlyAtVersion !== undefined && item.onlyAtVersion !== state.account.version) {',
    to: 'if (item.onlyAtVersion === -1) {',
  },
  {
    name: 'send before the commit',
    file: 'lane.ts',
    from: 'const outcome = await verbs\n        .commit(state, decision, leaseFor(decision, items, this.#context.owner))',
    to: "const outcome = await (decision.effect.type === 'send' ? Promise.resolve('committed' as const) : verbs.commit(state, decision, leaseFor(decision, items, this.#context.owner)))",
  },
  {
    name: 'two writes of one row in one commit',
    file: 'core/decide-together.ts',
    from: 'changes: [...this.changes.values()],',
    to: 'changes: [...this.changes.values(), ...this.changes.values()],',
  },
  {
    name: 'the same answer counts twice after a commit in doubt',
    file: 'core/decide.ts',
    from: "if (again && (verdict.is === 'unknown' || verdict.is === 'did_not_run')) return;",
    to: 'if (again && verdict === null) return;',
  },
  {
    name: 'give out seats while a decrease is on its way',
    first: 'direct tests',
    file: 'core/step.ts',
    from: 'account.push?.target.seats ?? account.settledSeats, account.seatCount);',
    to: 'account.settledSeats, account.seatCount);',
  },
  {
    name: 'a decline under a forgotten key speaks of the first send',
    first: 'direct tests',
    file: 'core/evidence.ts',
    from: 'if (!onlySend && now - push.keySince >= policy.keyLifetimeMs) {',
    to: 'if (!onlySend && now < 0) {',
  },
  {
    name: 'give up on a late write whose reversal was refused',
    first: 'direct tests',
    file: 'core/decide.ts',
    from: 'return { ...tail, dueAt: stays ? [again] : dueAt };',
    to: 'return { ...tail, dueAt: stays ? [] : dueAt };',
  },
  {
    name: 'a look answers marks that came after it began',
    first: 'search',
    file: 'core/decide.ts',
    from: 'marksSeen: Math.max(account.marksSeen, began.marks),',
    to: 'marksSeen: account.marks,',
  },
  {
    name: 'a foreign change is put back for ever',
    file: 'core/drift.ts',
    from: 'if (lately.length >= policy.revertsInWindow) {',
    to: 'if (lately.length >= 1_000) {',
  },
  {
    name: 'what a person was asked about is answered behind their back',
    file: 'core/drift.ts',
    from: "if (same && (held.cause === drift.cause || drift.cause === 'unknown')) {",
    to: 'if (same && held.since < 0) {',
  },
  {
    name: 'a write of ours that only its event tells of is somebody else`s',
    first: 'direct tests',
    file: 'core/drift.ts',
    from: 'return told?.push?.id ?? null;',
    to: 'return told?.push?.id === undefined ? null : null;',
  },
  {
    name: 'adopt what Stripe shows without counting again what waits',
    first: 'direct tests',
    file: 'core/drift.ts',
    from: '  step.update({ settledSeats: seats });\n  recount(step);\n',
    to: '  step.update({ settledSeats: seats, seatCount: seats });\n',
  },
  {
    name: 'the invoice of an ended subscription stays payable',
    file: 'core/decide.ts',
    from: 'const payment = ended ? afterEnd(push, read) : read;',
    to: "const payment = ended && afterEnd(push, read) !== 'open' ? 'unknown' : read;",
  },
  {
    name: 'what waits takes away more than there is',
    first: 'direct tests',
    file: 'core/batch.ts',
    from: 'return delta < 0 ? Math.min(count, Math.max(count + delta, least)) :',
    to: 'return delta < 0 ? Math.min(count, count + delta + 0 * least) :',
  },
  {
    name: 'a revert starts from what was agreed on instead of what is shown',
    first: 'direct tests',
    file: 'core/drift.ts',
    from: '    fromQuantity: drift.quantity,\n',
    to: '    fromQuantity: drift.expected,\n',
  },
  {
    name: 'who voids an invoice does not read what became of it',
    first: 'direct tests',
    file: 'core/payment.ts',
    from: "    case 'open':\n      waitForPayment(step, push);\n      return true;",
    to: "    case 'open':\n      if (push.withdrawal) return false;\n      waitForPayment(step, push);\n      return true;",
  },
  {
    name: 'a later change voids the invoice without an intent on disk',
    file: 'core/payment.ts',
    from: '  step.update({ push: sending });\n',
    to: '',
  },
  {
    name: 'an approval reads its holders from what was remembered',
    file: 'lane.ts',
    from: " && item.command.type !== 'approve',",
    to: ',',
  },
  {
    name: 'a scheduled decrease is due when nobody comes',
    first: 'search',
    file: 'core/step.ts',
    from: '  if (parkedAt !== null) times.push(parkedAt);\n',
    to: '',
  },
  {
    name: 'a purchase that waited buys what it was accepted with, whatever is missing by now',
    file: 'core/batch.ts',
    from: 'return from + Math.min(allowed, Math.max(inUse - from, 0));',
    to: 'return from + change.delta;',
  },
  {
    name: 'what was counted behind an approved purchase buys in its place without approval',
    file: 'core/batch.ts',
    from: 'if (seats - from > allowed) {',
    to: 'if (allowed < 0) {',
  },
  {
    name: 'a word of a person takes what waits along, billed like a repair',
    first: 'direct tests',
    file: 'core/decide.ts',
    from: '    target: settledSeats,\n    changes: [],\n',
    to: '    target: countBatch(step, nextBatch(step.waiting)).at(-1)?.seats ?? settledSeats,\n    changes: countBatch(step, nextBatch(step.waiting)),\n',
  },
  {
    name: 'what is parked counts',
    file: 'core/parked.ts',
    from: 'waiting: open.filter((change) => !isParked(change))',
    to: 'waiting: [...open]',
  },
  {
    name: 'a superseded push takes its changes with it',
    first: 'direct tests',
    file: 'core/decide.ts',
    from: '    step.put({ ...change, push: null, status, alone: false, prorationDate: null });',
    to: "    if (carried.includes(change) && !dropped.has(change.id)) rollBack(step, change, 'superseded', message);\n    else step.put({ ...change, push: null, status, alone: false, prorationDate: null });",
  },
  {
    name: 'what goes on after a superseded push keeps the price of one change alone',
    first: 'direct tests',
    file: 'core/decide.ts',
    from: 'status, alone: false, prorationDate: null });',
    to: 'status, alone: false });',
  },
  {
    name: 'an alert of its own for every try to write a rollback',
    file: 'advance.ts',
    from: '      ...alertOf(rollbackFingerprint(push.id)),\n      level:',
    to: '      ...alertOf(`${rollbackFingerprint(push.id)}:${failures}`),\n      level:',
  },
  {
    name: 'each try to tell a person is an event of its own',
    file: 'alerts/alerts.ts',
    from: 'eventId: eventIdOf(alert.fingerprint),',
    to: 'eventId: eventIdOf(`${alert.fingerprint}:${now()}`),',
  },
  {
    name: 'a rollback that cannot be written alerts nobody',
    file: 'advance.ts',
    from: '    if (!refused) return;\n    this.#context.alerts.raise({',
    to: '    if (!refused || failures < 1_000) return;\n    this.#context.alerts.raise({',
  },
  {
    name: 'a webhook is answered before its mark is stored',
    file: 'http/webhook.ts',
    from: '      const { seenBefore, ignored } = await received(context, event);\n',
    to: '      received(context, event).catch(() => undefined);\n      const [seenBefore, ignored] = [false, undefined];\n',
  },
  {
    name: 'a webhook that could not be stored is answered with 200',
    file: 'http/webhook.ts',
    from: "      status: 503,\n      code: 'event_not_noted',",
    to: "      status: 200,\n      code: 'event_not_noted',",
  },
  {
    // That a claim ends by the database's clock is asked of the stores: a claim far ahead of it is none by now (0018).
    name: 'a claim ends with its owner only',
    file: 'proof/src/memory-store.ts',
    from: 'return leaseOwner === null || leaseUntil < now ||',
    to: 'return leaseOwner === null ||',
  },
  {
    name: 'a process takes no turn before it writes to Stripe',
    file: 'advance.ts',
    from: 'return left <= 0 || this.#turn(kind, left);',
    to: 'return left <= 0 || kind !== undefined;',
  },
  {
    name: 'a process takes no turn before it reads Stripe',
    file: 'advance.ts',
    from: 'const hasTurn = await this.#turn(kind, policy.turnAheadMs);',
    to: 'const hasTurn = kind !== undefined;',
  },
  {
    name: 'each process counts the turns by itself',
    file: 'rate/stripe-turns.ts',
    from: '      return await take(database).catch(',
    to: '      if (count > 0) return { granted: count, waitMs: 0, intervalMs };\n      return await take(database).catch(',
  },
  {
    name: 'a wait for a quota counts as a failure and is given up after ten minutes',
    file: 'core/evidence.ts',
    from: "return verdict.is === 'did_not_run' && !verdict.quota && now",
    to: "return verdict.is === 'did_not_run' && now",
  },
  {
    name: 'a quota that this account has used up is asked for all the same',
    file: 'core/decide.ts',
    from: '    if (quotaFreeAt(account, step.waiting) > step.now) return;\n',
    to: '',
  },
  {
    name: 'an account that waits for a quota is due when nobody comes',
    file: 'core/step.ts',
    from: 'times.push(Math.max(settledAt(account, waiting), quotaFreeAt(account, waiting), busyUntil));',
    to: 'if (quotaFreeAt(account) <= account.audit.length) times.push(settledAt(account, waiting));',
  },
  {
    name: 'the guard lets the same seats of a day through twice in one push',
    file: 'core/allowance.ts',
    from: 'unapprovedToday(this.#step).seats - this.#ofToday, 0)',
    to: 'unapprovedToday(this.#step).seats, 0)',
    first: 'direct tests',
  },
];

/** The file that a bug goes into; its place must be there exactly once, or the list is out of date. */
export async function original(directory: string, bug: Planted): Promise<{ file: string; text: string }> {
  const path = bug.file.startsWith('proof/') ? bug.file : `packages/engine/src/${bug.file}`;
  const file = join(directory, path);
  const text = await readFile(file, 'utf8');
  if (text.split(bug.from).length !== 2) throw new Error(`${bug.name}: its place in ${path} is gone or not unique`);
  return { file, text };
}
