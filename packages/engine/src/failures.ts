/**
 * What the outside may hear instead of an outcome. Each has a stable code; none of them is a guess.
 */
import { knownByMark } from './core/known-by-mark.ts';

/** The database could not take the command, and that is known: nothing was written and Stripe was not called. */
export class DatabaseUnavailable extends Error {
  static {
    knownByMark(DatabaseUnavailable, 'DatabaseUnavailable');
  }
  override readonly name = 'DatabaseUnavailable';
  readonly code = 'database_unavailable';
}

/** Nobody knows whether the command was committed. Ask again with the same idempotency key. */
export class OutcomeUnknown extends Error {
  static {
    knownByMark(OutcomeUnknown, 'OutcomeUnknown');
  }
  override readonly name = 'OutcomeUnknown';
  readonly code = 'outcome_unknown';
  /** The change that may exist. */
  readonly change: string | null;
  constructor(message: string, change: string | null, options?: ErrorOptions) {
    super(message, options);
    this.change = change;
  }
}

/** No account for this organization. */
export class UnknownOrganization extends Error {
  static {
    knownByMark(UnknownOrganization, 'UnknownOrganization');
  }
  override readonly name = 'UnknownOrganization';
  readonly code = 'unknown_organization';
}

/** The command waited too long in this process and was dropped before anything was written. */
export class CommandDropped extends Error {
  static {
    knownByMark(CommandDropped, 'CommandDropped');
  }
  override readonly name = 'CommandDropped';
  readonly code = 'busy';
}

/** Input that cannot be taken; says which field and why. */
export class InvalidInput extends Error {
  static {
    knownByMark(InvalidInput, 'InvalidInput');
  }
  override readonly name = 'InvalidInput';
  readonly code = 'invalid_input';
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

/** The organization is billed by another subscription, which has not ended: linking a second one would bill it twice. */
export class LinkedElsewhere extends InvalidInput {}

/** Stripe could not be reached for something that is read, not written. */
export class StripeUnavailable extends Error {
  static {
    knownByMark(StripeUnavailable, 'StripeUnavailable');
  }
  override readonly name = 'StripeUnavailable';
  readonly code = 'stripe_unavailable';
}
