import type { SeatsBody } from 'seatbelt/http';
import { seatsToBuy } from './seats-needed.ts';

/** What is in the box, and what its price is measured against. */
export interface Draft {
  readonly emails: readonly string[];
  /** Members and invited already among them; null: not known yet. */
  readonly known: readonly string[] | null;
  readonly seats: SeatsBody | undefined;
}

/** How many of them need a seat, and how many of the seats have to be bought. Until it is known who is new, everybody is. */
export function weigh({ emails, known, seats }: Draft): { readonly people: number; readonly buy: number } {
  const there = new Set(known);
  const people = emails.filter((email) => !there.has(email)).length;
  return { people, buy: seats ? seatsToBuy(seats, people) : 0 };
}
