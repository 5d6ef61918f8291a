import { decide } from './decide.ts';
import { SeatRefused } from './refusals.ts';
import type { Command, Decision, Effect, Records, SeatChange, SeatRequest, State } from './types.ts';

/** A command of the engine itself; the look among them says which version it began on. */
export type InternalCommand = Exclude<Command, { type: 'request' } | { type: 'fold' }>;
export type Item =
  | { readonly type: 'request'; readonly request: SeatRequest }
  | { readonly type: 'internal'; readonly command: InternalCommand; readonly onlyAtVersion?: number | undefined };

export type ItemResult =
  | { readonly is: 'accepted'; readonly change: SeatChange | null }
  | { readonly is: 'refused'; readonly error: SeatRefused };

/**
 * Decides commands that wait at the same moment as one decision, so that they share one commit and, where they change
 * billing, one Stripe call. Requests come first, so that what an answer frees room for rides in the push it opens.
 */
export function decideTogether(
  state: State,
  items: readonly Item[],
  plan: { readonly pushId: string; readonly sendNow: boolean },
): { decision: Decision; results: ItemResult[] } {
  let current = state;
  let records = emptyRecords;
  let effect: Effect = { type: 'none' };
  let changed = false;
  let accepted = false;
  const results = new Array<ItemResult>(items.length);

  const take = (command: Command): Decision => {
    const decision = decide(current, command);
    current = decision.state;
    records = merged(records, decision.records);
    if (decision.effect.type !== 'none') effect = decision.effect;
    changed ||= decision.changed;
    return decision;
  };

  items.forEach((item, index) => {
    if (item.type !== 'request') return;
    try {
      results[index] = { is: 'accepted', change: take({ type: 'request', request: item.request }).change };
      accepted = true;
    } catch (error) {
      if (!(error instanceof SeatRefused)) throw error;
      results[index] = { is: 'refused', error };
    }
  });
  items.forEach((item, index) => {
    if (item.type !== 'internal') return;
    // A look counts only against the state it began on; anything else is looked at again.
    if (item.onlyAtVersion !== undefined && item.onlyAtVersion !== state.account.version) {
      results[index] = { is: 'accepted', change: null };
      return;
    }
    try {
      results[index] = { is: 'accepted', change: take(item.command).change };
    } catch (error) {
      if (!(error instanceof SeatRefused)) throw error;
      results[index] = { is: 'refused', error };
    }
  });
  if (accepted) take({ type: 'fold', ...plan });

  // What folding did to a change just accepted belongs to the answer of its caller.
  const latest = new Map(records.changes.map((change) => [change.id, change]));
  for (const [index, result] of results.entries()) {
    if (result.is !== 'accepted' || result.change === null) continue;
    results[index] = { is: 'accepted', change: latest.get(result.change.id) ?? result.change };
  }
  return { decision: { state: current, records, effect, changed, change: null }, results };
}

const emptyRecords: Records = {
  changes: [],
  holders: new Map(),
  pushesOpened: [],
  pushesEnded: [],
  incidents: [],
  audit: [],
  events: [],
};

/** One net write per row: the later record of a row replaces the earlier one. */
function merged(first: Records, second: Records): Records {
  return {
    changes: latestById(first.changes, second.changes),
    holders: new Map([...first.holders, ...second.holders]),
    pushesOpened: [...first.pushesOpened, ...second.pushesOpened],
    pushesEnded: [...first.pushesEnded, ...second.pushesEnded],
    incidents: latestById(first.incidents, second.incidents),
    audit: [...first.audit, ...second.audit],
    events: [...first.events, ...second.events],
  };
}

function latestById<Row extends { readonly id: string }>(first: readonly Row[], second: readonly Row[]): Row[] {
  if (second.length === 0) return [...first];
  const rows = new Map(first.map((row) => [row.id, row]));
  for (const row of second) rows.set(row.id, row);
  return [...rows.values()];
}
