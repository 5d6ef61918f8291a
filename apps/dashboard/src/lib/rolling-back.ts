import type { ChangeBody, SeatsBody } from 'seatbelt/http';

/** The change that Stripe has refused while the old number could not be written back yet; undefined: there is none. */
export function rollingBack(seats: SeatsBody | undefined, last: ChangeBody | null): ChangeBody | undefined {
  // The answer of the change itself may know it while the counts cannot be read.
  return (seats?.pending?.changes ?? []).concat(last ?? []).find(({ status }) => status === 'rollback_pending');
}
