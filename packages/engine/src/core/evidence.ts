import { policy } from './policy.ts';
import type { Answer, OpenPush } from './types.ts';

/** Stripe does not know our API key, or knows it and does not let it write. An incident of that name is opened. */
export type KeyTrouble = 'stripe_key_refused' | 'stripe_key_forbidden';

/**
 * The evidence table of the design (4.1), in one place: what one answer of Stripe proves about one push.
 * It says what is known, never what is likely. `decide` acts on the verdict.
 */
export type Verdict =
  /** Stripe holds the target. `clean`: by the only send, so no other request of ours can still be under way. */
  | { readonly is: 'applied'; readonly clean: boolean }
  | { readonly is: 'awaiting_payment'; readonly payment: NonNullable<OpenPush['payment']> }
  /** A definite no: nothing was changed. */
  | {
      readonly is: 'refused';
      readonly code: string;
      readonly message: string;
      /** It is about our API key and nobody's card; null: it is not. */
      readonly key: KeyTrouble | null;
      readonly payment: boolean;
    }
  /** The request surely did not run; the same key may be used again. */
  | { readonly is: 'did_not_run'; readonly reason: string; readonly quota: boolean }
  /** Nobody knows. `next` is how it will be found out. */
  | {
      readonly is: 'unknown';
      readonly reason: string;
      readonly next: 'replay' | 'look';
      readonly lookFor: OpenPush['lookFor'];
      readonly serverError: boolean;
      /** This send surely did not run, because Stripe is busy; the doubt is about an earlier one. */
      readonly busy: boolean;
      /** The same, because a quota of the subscription is used up. */
      readonly quota: boolean;
      readonly incident: KeyTrouble | 'idempotency_broken' | null;
    };

/**
 * No other send of this push can have run. A later generation never is one: the keys before it were used, and their
 * requests may still be under way.
 */
export function isOnlySend(push: OpenPush, attempt: number): boolean {
  return push.generation === 1 && push.unproven === 1 && push.attempt === attempt;
}

/** Whether the push ends with this without effect, so that the seats go back: a definite no, or a Stripe that was too busy for too long. */
export function takesBack(push: OpenPush, verdict: Verdict, now: number): boolean {
  if (verdict.is === 'refused') return true;
  return verdict.is === 'did_not_run' && !verdict.quota && now - push.intendedAt >= policy.backOffLimitMs;
}

/** @param onlySend no other send of this push, under this key or an earlier one, can have run. */
export function weigh(push: OpenPush, answer: Answer, onlySend: boolean, now: number): Verdict {
  if (answer.kind === 'no_answer') return unknown(answer.reason);
  if (answer.kind === 'success') return weighSuccess(push, answer, onlySend);

  const { status, replayed } = answer;
  const code = answer.code ?? answer.type ?? `http_${status}`;

  // Stripe may have forgotten the key by now, so what it answers to a late sender is about that send alone: the one
  // before it may have run and been forgotten. Reading decides.
  if (!onlySend && now - push.keySince >= policy.keyLifetimeMs) {
    return unknown(`stale_${code}`, { next: 'look', lookFor: 'stale_key' });
  }

  // Stripe stores a decline under its key, so a retry reads the same decline as the only send. It is no word on the keys
  // before it: a request of theirs may have run since Stripe was read.
  if (status === 402) {
    if (push.generation > 1) return unknown(code, { next: 'look', lookFor: 'unclear_refusal' });
    return {
      is: 'refused',
      code: answer.declineCode ?? code,
      message: answer.message,
      key: null,
      payment: true,
    };
  }

  // The key was used with other parameters or elsewhere: ours never is, so an invariant of ours is broken.
  if (status === 400 && answer.type === 'idempotency_error') {
    return unknown('idempotency_error', {
      next: 'look',
      lookFor: 'unclear_refusal',
      incident: 'idempotency_broken',
    });
  }

  if (status === 400 || status === 404) {
    // Validation failures are not stored: on a retry they speak of this request, not of the one before it.
    if (onlySend || replayed) return { is: 'refused', code, message: answer.message, key: null, payment: false };
    return unknown(`unclear_${code}`, { next: 'look', lookFor: 'unclear_refusal' });
  }

  if (status === 401 || status === 403) {
    const key = status === 401 ? 'stripe_key_refused' : 'stripe_key_forbidden';
    if (onlySend) return { is: 'refused', code, message: answer.message, key, payment: false };
    return unknown(code, { incident: key });
  }

  if (status === 429) {
    // Limiters and locks answer before anything runs. On a retry that says nothing about the earlier send.
    if (onlySend) {
      return { is: 'did_not_run', reason: code, quota: answer.rateLimitedReason === 'resource-specific' };
    }
    const quota = answer.rateLimitedReason === 'resource-specific';
    return unknown(code, { busy: !quota, quota });
  }

  // 409: another process is executing this very key.
  if (status === 409) return unknown(code);

  if (status >= 500) {
    const errors = push.serverErrors + 1;
    const since = push.firstServerErrorAt ?? now;
    const spent = replayed || (errors >= policy.spentAfterServerErrors && now - since >= policy.spentAfterMs);
    return unknown(code, {
      serverError: true,
      ...(spent ? { next: 'look' as const, lookFor: 'spent_key' as const } : {}),
    });
  }

  // A status nobody has described: it proves nothing.
  return unknown(code);
}

function weighSuccess(push: OpenPush, answer: Extract<Answer, { kind: 'success' }>, onlySend: boolean): Verdict {
  if (!answer.expectedObject) return unknown('unexpected_object', { next: 'look', lookFor: 'unclear_refusal' });
  if (answer.quantity === push.target.quantity) return { is: 'applied', clean: onlySend && !answer.replayed };
  if (answer.pendingUpdate) return { is: 'awaiting_payment', payment: answer.pendingUpdate };
  return unknown('unexpected_quantity', { next: 'look', lookFor: 'unclear_refusal' });
}

function unknown(reason: string, more: Partial<Extract<Verdict, { is: 'unknown' }>> = {}): Verdict {
  return {
    is: 'unknown',
    reason,
    next: 'replay',
    lookFor: null,
    serverError: false,
    busy: false,
    quota: false,
    incident: null,
    ...more,
  };
}
