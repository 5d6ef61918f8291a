import type Stripe from 'stripe';

/**
 * An SDK type as it travels on the wire: the SDK turns decimal strings into `Decimal` objects only after it has
 * received them, so everything the simulator sends has strings there. All other field names and types stay those of
 * the pinned SDK, so the compiler refuses a misspelt, missing or invented field.
 */
export type Wire<T> = T extends Stripe.Decimal
  ? string
  : T extends (infer Element)[]
    ? Wire<Element>[]
    : T extends string | number | boolean | null | undefined
      ? T
      : T extends object
        ? { [Key in keyof T]: Wire<T[Key]> }
        : T;

/** Stripe's list envelope. `total_count` is not in the SDK's types but in recorded answers for embedded lists. */
export interface WireList<T> {
  object: 'list';
  data: T[];
  has_more: boolean;
  url: string;
  total_count?: number;
}

/** Any JSON object the simulator answers with. */
export type WireObject = { [key: string]: unknown };
