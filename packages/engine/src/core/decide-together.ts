import { decide } from './decide.ts';
import { SeatRefused } from './refusals.ts';
import type {
  AuditEntry,
  Command,
  Decision,
  Effect,
  EndedPush,
  HolderRow,
  HostEvent,
  Incident,
  OpenPush,
  Records,
  SeatChange,
  SeatRequest,
  State,
} from './types.ts';

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
  const records = new Collected();
  let effect: Effect = { type: 'none' };
  let changed = false;
  let accepted = false;
  const results = new Array<ItemResult>(items.length);

  const take = (command: Command): Decision => {
    const decision = decide(current, command);
    current = decision.state;
    collect(records, decision.records);
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
  for (const [index, result] of results.entries()) {
    if (result.is !== 'accepted' || result.change === null) continue;
    results[index] = { is: 'accepted', change: records.changes.get(result.change.id) ?? result.change };
  }
  return { decision: { state: current, records: records.all(), effect, changed, change: null }, results };
}

/** One net write per row: the later record of a row replaces the earlier one. */
class Collected {
  readonly changes = new Map<string, SeatChange>();
  readonly holders = new Map<string, HolderRow | null>();
  readonly incidents = new Map<string, Incident>();
  readonly pushesOpened: OpenPush[] = [];
  readonly pushesEnded: EndedPush[] = [];
  readonly audit: AuditEntry[] = [];
  readonly events: HostEvent[] = [];

  all(): Records {
    const { holders, pushesOpened, pushesEnded, audit, events } = this;
    return {
      changes: [...this.changes.values()],
      holders,
      pushesOpened,
      pushesEnded,
      incidents: [...this.incidents.values()],
      audit,
      events,
    };
  }
}

function collect(into: Collected, records: Records): void {
  for (const change of records.changes) into.changes.set(change.id, change);
  for (const [holder, row] of records.holders) into.holders.set(holder, row);
  for (const incident of records.incidents) into.incidents.set(incident.id, incident);
  into.pushesOpened.push(...records.pushesOpened);
  into.pushesEnded.push(...records.pushesEnded);
  into.audit.push(...records.audit);
  into.events.push(...records.events);
}
