import type { ChangeBody } from 'seatbelt/http';

/** What somebody looks for in the history. An empty text is no filter. */
export interface HistoryFilters {
  readonly status: '' | 'open' | 'applied' | 'rolled_back';
  readonly kind: '' | ChangeBody['kind'];
  /** The first day, `2026-11-01`, in the viewer's time zone. */
  readonly from: string;
  /** The last day, which belongs to it. */
  readonly to: string;
  readonly search: string;
}

export const noFilters: HistoryFilters = { status: '', kind: '', from: '', to: '', search: '' };

/** The choices with their words, in the order in which they are offered. */
export const statuses: readonly (readonly [HistoryFilters['status'], string])[] = [
  ['', 'All changes'],
  ['open', 'Still open'],
  ['applied', 'Applied'],
  ['rolled_back', 'Rolled back'],
];

export const kinds: readonly (readonly [HistoryFilters['kind'], string])[] = [
  ['', 'Every kind'],
  ['set', 'Seats set'],
  ['add', 'Seats taken'],
  ['assign', 'Seats assigned'],
  ['remove', 'Seats freed'],
  ['transfer', 'Invites accepted'],
];

/** The filters as the server is asked: days have become moments, which only the browser knows the time zone for. */
export function queryOf({ status, kind, from, to, search }: HistoryFilters): URLSearchParams {
  return withoutEmpty({
    status,
    kind,
    from: startOfDay(from, 0),
    until: startOfDay(to, 1),
    search: search.trim(),
  });
}

/** The filters as they stand in the address of the page, so that a link shows what its sender saw. */
export function addressOf({ search, ...filters }: HistoryFilters): URLSearchParams {
  return withoutEmpty({ ...filters, search: search.trim() });
}

/** Reads them from an address, which anybody may have written: what is no filter is none. */
export function filtersOf(address: URLSearchParams): HistoryFilters {
  const asked = (name: string) => address.get(name) ?? '';
  const day = (name: string) => (startOfDay(asked(name), 0) === '' ? '' : asked(name));
  return {
    status: statuses.find(([status]) => status === asked('status'))?.[0] ?? '',
    kind: kinds.find(([kind]) => kind === asked('kind'))?.[0] ?? '',
    from: day('from'),
    to: day('to'),
    search: asked('search').slice(0, 200),
  };
}

/**
 * The moment at which a day begins where the viewer is, so many days later; empty for what is no day. The calendar does the
 * counting: a day at the change of the clocks has 23 or 25 hours.
 */
function startOfDay(day: string, later: number): string {
  const [, year, month, date] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day)?.map(Number) ?? [];
  if (year === undefined || month === undefined || date === undefined) return '';
  const start = new Date(year, month - 1, date);
  // A 31st of February would quietly be a day of March, and a year before 100 one of the last century.
  if (start.getFullYear() !== year || start.getMonth() !== month - 1 || start.getDate() !== date) return '';
  return new Date(year, month - 1, date + later).toISOString();
}

function withoutEmpty(parts: Readonly<Record<string, string>>): URLSearchParams {
  return new URLSearchParams(Object.entries(parts).filter(([, value]) => value !== ''));
}
