import type { Counts } from './count.ts';

/** What is compared, in the order of table and picture. Seatbelt has to be at 0 in each of them. */
export const columns = [
  { key: 'chargedForNobody', title: 'seats charged that nobody holds', short: 'charged, nobody there' },
  { key: 'notCharged', title: 'seats held that are not charged', short: 'held, not charged' },
  { key: 'lostUpdates', title: 'lost updates', short: 'lost updates' },
  { key: 'neverHeard', title: 'callers who never hear the outcome', short: 'never heard' },
  { key: 'toldUntrue', title: 'callers told something untrue', short: 'told untrue' },
] as const satisfies readonly { key: keyof Counts; title: string; short: string }[];
