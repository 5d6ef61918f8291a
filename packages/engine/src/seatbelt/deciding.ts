/** A person's word about one open change. */
import { randomUUID } from 'node:crypto';
import type { InternalCommand } from '../core/decide-together.ts';
import { refuse, SeatRefused } from '../core/refusals.ts';
import { holdersOf } from '../core/request.ts';
import type { SeatChange, State } from '../core/types.ts';
import type { SeatChangeBody } from '../http/contract.ts';
import { isChangeId, plainText, plainTextOrNull } from '../input.ts';
import type { Settled } from '../lane.ts';
import { readChange } from '../store/history.ts';
import type { AccountKey } from '../store/store.ts';
import { changeAnswer } from '../views.ts';
import { isOnItsWay, outcome, waitOf } from './commands.ts';
import type { Inside } from './inside.ts';
import type { DecidingOptions } from './options.ts';

type Verdict = 'cancel' | 'approve' | 'decline';

/** The code that a change has ended with, where the same was said before. */
const endsAs: Readonly<Record<Exclude<Verdict, 'approve'>, string>> = {
  cancel: 'canceled',
  decline: 'approval_declined',
};

/** @throws SeatRefused `unknown_change`, `not_cancellable`, `not_awaiting_approval` */
export async function decideAbout(
  inside: Inside,
  key: AccountKey,
  verdict: Verdict,
  id: string,
  options: DecidingOptions,
): Promise<SeatChangeBody> {
  const said = {
    actor: plainText('actor', options.actor ?? 'host'),
    reason: plainTextOrNull('reason', options.reason),
  };
  const deadline = performance.now() + waitOf(options);
  await inside.claimInstallation();
  const state = await inside.state(key);
  const present = isChangeId(id) ? await readChange(inside.database, key, id) : null;
  if (present === null) refuse('unknown_change', 'This organization has no such change.');
  const view = (change: SeatChange, at: State) => changeAnswer(change, at, inside.rollbackPending);
  const followed = async (change: SeatChange, at: State, waits = isOnItsWay) => {
    const known = await outcome(inside, key, change, at, deadline, waits);
    return view(known.change, known.state);
  };
  // Twice is once.
  if (wasSaid(verdict, present)) return followed(present, state);
  if (present.endedAt !== null) {
    const code = verdict === 'cancel' ? 'not_cancellable' : 'not_awaiting_approval';
    refuse(code, `It has ended already: ${present.status}.`);
  }
  let settled: Settled;
  try {
    settled = await inside.advancer.lane(key).internal(commandFor(verdict, present, said));
  } catch (error) {
    if (!(error instanceof SeatRefused)) throw error;
    // Said at the same moment by somebody else, or by this very call in a commit that nobody heard the end of.
    const latest = await inside.tryRead(() => readChange(inside.database, key, id));
    if (latest === null || !wasSaid(verdict, latest)) throw error;
    return followed(latest, state);
  }
  void inside.carryOut(key, settled);
  const change = (await inside.tryRead(() => readChange(inside.database, key, id))) ?? present;
  // Taking back what waits for its payment takes a moment: its invoice has to be void.
  const waits = verdict === 'cancel' ? (latest: SeatChange) => latest.endedAt === null : isOnItsWay;
  return followed(change, settled.state, waits);
}

/** The same word was given before, and it counts. */
function wasSaid(verdict: Verdict, change: SeatChange): boolean {
  if (verdict === 'approve') return wasApproved(change);
  return change.endedAt !== null && change.code === endsAs[verdict];
}

/** It was parked for an owner, and goes on or has been made: only an approval does that. */
function wasApproved({ asked, status }: SeatChange): boolean {
  return asked !== null && (status === 'requested' || status === 'awaiting_payment' || status === 'applied');
}

function commandFor(
  verdict: Verdict,
  change: SeatChange,
  said: { readonly actor: string; readonly reason: string | null },
): InternalCommand {
  if (verdict !== 'approve') return { type: verdict, change: change.id, ...said };
  const holders = change.asked === null ? [] : holdersOf(change.asked);
  return { type: verdict, change: change.id, holders, pushId: randomUUID(), ...said };
}
