import { nothingUsed, quotaFreeAt, useQuota } from '../core/quotas.ts';
import type { Answer, Decision, OpenPush, SeatChange, State } from '../core/types.ts';

/**
 * Counters of one process, from its start. Every number is of what this process committed or heard itself; what it writes
 * in a host's transaction is not among them, because it is not heard whether the host commits.
 */
export class Counters {
  readonly #counts = new Map<string, Map<string, number>>();

  /** What a commit of this process says. Called after it, so nothing is counted that was not written. */
  committed({ records, state }: Decision): void {
    for (const change of records.changes) {
      if (change.endedAt === null) {
        if (isNewAndWaitsForQuota(change, state)) this.#add('seatbelt_changes_waited_for_quota_total', {});
        continue;
      }
      const code = change.status === 'rolled_back' ? (change.code ?? 'unknown') : '';
      this.#add('seatbelt_changes_ended_total', { kind: change.kind, status: change.status, code });
    }
    for (const { origin, request } of records.pushesOpened) {
      this.#add('seatbelt_pushes_opened_total', { origin });
      const { updates, invoices } = useQuota(nothingUsed, request.body, 0);
      if (updates.length > 0) this.#add('seatbelt_stripe_quota_used_total', { quota: 'quantity_updates' });
      if (invoices.length > 0) this.#add('seatbelt_stripe_quota_used_total', { quota: 'invoices' });
    }
    for (const { outcome, push } of records.pushesEnded) {
      this.#add('seatbelt_pushes_ended_total', { origin: push.origin, outcome });
      // Refused or taken back: seats went back to what they were.
      if (outcome === 'refused' || outcome === 'rolled_back') this.#add('seatbelt_rollbacks_total', { outcome });
    }
    for (const { kind, cause, openedAt } of records.incidents) {
      // What only ended, or only says another number, was counted when it was opened.
      if (openedAt !== state.now) continue;
      this.#add('seatbelt_incidents_opened_total', { kind });
      if (cause !== null) this.#add('seatbelt_drift_total', { cause });
    }
    const { push } = state.account;
    for (const { kind } of records.audit) {
      if (kind === 'push_in_doubt' && push !== null && isAboutAnAnswer(push)) {
        this.#add('seatbelt_pushes_in_doubt_total', {});
      }
      if (kind === 'push_sent_again') {
        this.#add('seatbelt_retries_total', {});
        // Nobody weighed an answer to the send before this one: who made it was lost, and somebody took the account over.
        if (push !== null && push.answered < push.attempt - 1) this.#add('seatbelt_lease_takeovers_total', {});
      }
    }
  }

  /** What Stripe said to one write. */
  answered(_push: OpenPush, answer: Answer): void {
    this.#add('seatbelt_stripe_answers_total', { answer: wordOf(answer) });
  }

  /** An event of Stripe's that was verified and is not for this installation. */
  eventIgnored(reason: 'other_livemode'): void {
    this.#add('seatbelt_events_ignored_total', { reason });
  }

  /** name, labels as they are written, value. */
  *all(): Generator<readonly [name: string, labels: string, value: number]> {
    for (const [name, values] of this.#counts) for (const [labels, value] of values) yield [name, labels, value];
  }

  #add(name: string, labels: Readonly<Record<string, string>>): void {
    const values = this.#counts.get(name) ?? new Map<string, number>();
    this.#counts.set(name, values);
    const text = labelsText(labels);
    values.set(text, (values.get(text) ?? 0) + 1);
  }
}

/** A new key after a spent one, and a key that is too old to ask with, are written down as doubt as well. */
function isAboutAnAnswer({ answered, lookFor }: OpenPush): boolean {
  return answered > 0 && lookFor !== 'stale_key';
}

/** It was accepted just now, and Stripe's quota of its subscription is used up. */
function isNewAndWaitsForQuota(change: SeatChange, { account, now }: State): boolean {
  return (
    change.requestedAt === now && change.status === 'requested' && account.push === null && quotaFreeAt(account) > now
  );
}

function wordOf(answer: Answer): string {
  if (answer.kind === 'success') return answer.replayed ? 'replayed' : 'success';
  if (answer.kind === 'no_answer') return answer.reason;
  return `http_${answer.status}`;
}

/** Empty labels are left out: to Prometheus they are the same. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  const told = Object.entries(labels).filter(([, value]) => value !== '');
  if (told.length === 0) return '';
  const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `{${told.map(([name, value]) => `${name}="${escaped(value)}"`).join(',')}}`;
}
