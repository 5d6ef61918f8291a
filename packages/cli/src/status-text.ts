import {
  accountStatus,
  available,
  type DutyRow,
  judge,
  type Overview,
  type State,
  type StripeRate,
  used,
} from 'seatbelt/operator';
import { dutyText, rateText, silentDuties } from './duties-text.ts';
import { heartbeatOf, isSilent } from './heartbeat.ts';
import { table } from './output/table.ts';
import { duration, isoOrNull, momentAndDistance, plural } from './output/times.ts';

/** Somebody has to look: nothing of this ends by itself. */
export function needsPerson(overview: Overview): boolean {
  return overview.accounts.held > 0 || overview.incidents.act > 0 || overview.accounts.overdue > 0;
}

export function overviewBody(overview: Overview, duties: readonly DutyRow[], rate: StripeRate) {
  const heartbeat = heartbeatOf(duties);
  return {
    at: isoOrNull(overview.now),
    needsPerson: needsPerson(overview),
    installation: overview.installation,
    worker: {
      lastSeenAt: heartbeat?.lastSuccessAt ?? null,
      silent: isSilent(heartbeat),
    },
    duties: judge(duties).map(({ name, lastSuccessAt, state }) => ({ name, lastSuccessAt, state })),
    stripeRate: rate,
    accounts: { ...overview.accounts, oldestDueAt: isoOrNull(overview.accounts.oldestDueAt) },
    seats: overview.seats,
    pushes: { ...overview.pushes, inDoubtSince: isoOrNull(overview.pushes.inDoubtSince) },
    waitingChanges: overview.waitingChanges,
    incidents: { ...overview.incidents, oldestUnalertedAt: isoOrNull(overview.incidents.oldestUnalertedAt) },
  };
}

export function overviewText(overview: Overview, duties: readonly DutyRow[], rate: StripeRate): string {
  const { accounts, seats, pushes, incidents, installation, now } = overview;
  const heartbeat = heartbeatOf(duties);
  const since = pushes.inDoubtSince === null ? '' : `, the oldest since ${momentAndDistance(pushes.inDoubtSince, now)}`;
  const due = accounts.oldestDueAt === null ? '' : `, the oldest since ${momentAndDistance(accounts.oldestDueAt, now)}`;
  const lines: [string, string][] = [
    [
      'installation',
      installation === null
        ? 'none yet: nothing was ever linked here'
        : `${installation.environment}, ${installation.livemode ? 'live' : 'test'} money${installation.pausedReason === null ? '' : `, PAUSED: ${installation.pausedReason}`}`,
    ],
    [
      'organizations',
      `${plural(accounts.total, 'organization')}: ${accounts.held} held, ${accounts.paused} paused, ${accounts.ended} ended, ${accounts.withoutSubscription} without a subscription`,
    ],
    ['seats', `${seats.purchased} in the database, ${seats.settled} confirmed by Stripe, ${seats.used} in use`],
    [
      'open pushes',
      `${pushes.intended} being asked, ${pushes.inDoubt} in doubt${since}, ${pushes.awaitingPayment} awaiting payment; ${plural(overview.waitingChanges, 'change')} not ended`,
    ],
    ['due', `${accounts.due} due${due}, ${accounts.overdue} overdue`],
    [
      'incidents',
      `${incidents.open} open, ${incidents.act} of them for a person to act on; ${incidents.unalerted} not alerted yet`,
    ],
    [
      'worker',
      heartbeat === null
        ? 'never seen here; start one with `seatbelt worker`'
        : `last round ${duration(heartbeat.ageMs)} ago${isSilent(heartbeat) ? ', so none is running' : ''}`,
    ],
  ];
  // Requests are counted only where Stripe's limit is.
  if (rate.turnsInLastMinute > 0 || rate.slowed < 1) lines.push(['Stripe', rateText(rate)]);
  const silent = silentDuties(duties);
  if (silent.length > 0) lines.push(['SILENT', silent.map(dutyText).join('; ')]);
  return lines.map(([name, text]) => `${`${name}:`.padEnd(15)}${text}\n`).join('');
}

/** One account, as a line and as JSON. */
export interface AccountLine {
  readonly organization: string;
  readonly status: ReturnType<typeof accountStatus>;
  readonly purchasedSeats: number;
  readonly settledSeats: number;
  readonly usedSeats: number;
  readonly availableSeats: number;
  readonly push: 'intended' | 'in_doubt' | 'awaiting_payment' | null;
  readonly inDoubtSince: string | null;
  readonly waitingChanges: number;
  readonly openIncidents: number;
  readonly heldBecause: string | null;
  readonly dueAt: string | null;
}

export function accountLine(state: State): AccountLine {
  const { account } = state;
  return {
    organization: account.organization,
    status: accountStatus(state),
    purchasedSeats: account.seatCount,
    settledSeats: account.settledSeats,
    usedSeats: used(account),
    availableSeats: available(account),
    push: account.push?.state ?? null,
    inDoubtSince: isoOrNull(account.push?.doubt?.since ?? null),
    waitingChanges: state.waiting.length,
    openIncidents: state.incidents.length,
    heldBecause: account.hold?.message ?? null,
    // "At once" is stored as a time long ago.
    dueAt: isoOrNull(account.dueAt === 0 ? state.now : account.dueAt),
  };
}

export function accountsText(
  lines: readonly AccountLine[],
  now: number,
  page: { readonly open: boolean; readonly after: string | null; readonly limit: number },
): string {
  if (lines.length === 0) return page.open ? '\nNothing is open, due or wrong.\n' : '\nNo organizations.\n';
  const rows = lines.map((line) => [
    line.organization,
    line.status,
    String(line.purchasedSeats),
    String(line.settledSeats),
    String(line.usedSeats),
    openText(line, now),
  ]);
  const columns = [
    { title: 'organization' },
    { title: 'status' },
    { title: 'seats', align: 'right' as const },
    { title: 'confirmed', align: 'right' as const },
    { title: 'used', align: 'right' as const },
    { title: 'open' },
  ];
  const more =
    page.after === null
      ? ''
      : `\nMore: seatbelt status${page.open ? ' --open' : ''} --limit ${page.limit} --after ${page.after}\n`;
  return `\n${table(columns, rows)}${more}`;
}

function openText(line: AccountLine, now: number): string {
  const parts: string[] = [];
  if (line.push === 'in_doubt' && line.inDoubtSince !== null) {
    parts.push(`in doubt for ${duration(Math.max(now - Date.parse(line.inDoubtSince), 0))}`);
  } else if (line.push !== null) {
    parts.push(line.push === 'intended' ? 'asking Stripe' : 'awaiting payment');
  }
  if (line.waitingChanges > 0) parts.push(plural(line.waitingChanges, 'change'));
  if (line.openIncidents > 0) parts.push(plural(line.openIncidents, 'incident'));
  if (line.heldBecause !== null) parts.push(line.heldBecause);
  return parts.join('; ');
}
