import type { SweepFinding } from 'seatbelt';
import { executorOf, type Pulse, policy, readPulse, type State } from 'seatbelt/operator';
import { pool } from '#server/database.ts';
import { once } from '#server/once.ts';
import { seatbelt } from '#server/seatbelt.ts';
import type { MoneyAtRisk, OperationsBody, WrongAccount } from '../contract.ts';
import { assess } from './assess.ts';
import { recentActs } from './staff-acts.ts';
import { readTrend } from './trend.ts';
import { pricedAtOnce, unitPriceOf } from './unit-price.ts';

/** Accounts with something open that the page reads; beyond that it says that there are more. */
const accountsRead = 500;
const findingsShown = 50;
/** The pulse reads a day of history, so it is read now and then however many people watch. */
const pulseKeptMs = 30_000;
/** Stripe's limit for updates of one subscription's quantity in an hour. */
const quantityUpdatesAnHour = 200;

export async function readOperations(): Promise<OperationsBody> {
  const engine = seatbelt();
  const [overview, states, health, duties, sweep, pulse, acts] = await Promise.all([
    engine.overview(),
    engine.accounts({ onlyOpen: true, limit: accountsRead }),
    engine.health(),
    engine.duties(),
    engine.lastSweep(),
    recentPulse(),
    recentActs(),
  ]);
  const accounts = await priced(states);
  const { pushes } = overview;
  return {
    readAt: new Date(overview.now).toISOString(),
    wrong: {
      accounts,
      money: sumOf(accounts),
      unpriced: accounts.filter(({ unit, observed }) => unit === null || observed === null).length,
      trend: await readTrend(accounts, overview.now),
    },
    counts: {
      organizations: overview.accounts.total,
      held: overview.accounts.held,
      paused: overview.accounts.paused,
      overdue: overview.accounts.overdue,
      inDoubt: pushes.inDoubt,
      inDoubtSince: pushes.inDoubtSince === null ? null : new Date(pushes.inDoubtSince).toISOString(),
      awaitingPayment: pushes.awaitingPayment,
      waitingChanges: overview.waitingChanges,
    },
    installationPaused: overview.installation?.pausedReason ?? null,
    incidents: incidentsOf(states),
    causes: causesOf(accounts),
    cutShort: states.length === accountsRead,
    sweep,
    findings: sweep === null ? [] : await firstFindings(sweep.id),
    acts,
    health,
    duties: duties.map(({ name, ageMs }) => ({ name, ageMs })),
    pulse: pulseBody(pulse),
  };
}

/** Those that are wrong, the most seats first, each with what a seat costs where that can be read. */
async function priced(states: readonly State[]): Promise<WrongAccount[]> {
  const wrong = states.flatMap((state) => {
    const assessed = assess(state);
    return assessed === null ? [] : [{ assessed, item: state.account.link?.item ?? null }];
  });
  const seatsOf = ({ assessed }: (typeof wrong)[number]) =>
    assessed.observed === null ? 0 : Math.abs(assessed.observed - assessed.expected);
  wrong.sort((a, b) => seatsOf(b) - seatsOf(a));
  return Promise.all(
    wrong.map(async ({ assessed, item }, index) => ({
      ...assessed,
      unit: item === null || index >= pricedAtOnce ? null : await unitPriceOf(item),
    })),
  );
}

/** Too much and too little are both wrong, so neither takes away from the other. */
export function sumOf(accounts: readonly WrongAccount[]): MoneyAtRisk[] {
  const sums = new Map<string, MoneyAtRisk>();
  for (const { unit, observed, expected } of accounts) {
    if (unit === null || observed === null) continue;
    const key = `${unit.currency} ${unit.interval}`;
    const amount = (sums.get(key)?.amount ?? 0) + Math.abs(observed - expected) * unit.amount;
    sums.set(key, { amount, currency: unit.currency, interval: unit.interval });
  }
  return [...sums.values()];
}

function incidentsOf(states: readonly State[]): OperationsBody['incidents'] {
  return states
    .flatMap(({ account, incidents }) =>
      incidents
        .filter(({ closedAt, action }) => closedAt === null && action !== 'none')
        .map(({ id, kind, action, message, openedAt }) => ({
          id,
          organization: account.organization,
          kind,
          action,
          message,
          openedAt: new Date(openedAt).toISOString(),
        })),
    )
    .sort((a, b) => a.openedAt.localeCompare(b.openedAt));
}

function causesOf(accounts: readonly WrongAccount[]): OperationsBody['causes'] {
  const counts = new Map<WrongAccount['cause'], number>();
  for (const { kind, cause } of accounts) if (kind === 'differs') counts.set(cause, (counts.get(cause) ?? 0) + 1);
  return [...counts].map(([cause, count]) => ({ cause, accounts: count })).sort((a, b) => b.accounts - a.accounts);
}

async function firstFindings(sweep: string): Promise<SweepFinding[]> {
  const findings: SweepFinding[] = [];
  for await (const finding of seatbelt().sweepFindings(sweep)) {
    if (finding.kind !== 'unlinked') findings.push(finding);
    if (findings.length === findingsShown) break;
  }
  return findings;
}

async function recentPulse(): Promise<Pulse> {
  const kept = once<{ atMs: number; pulse: Promise<Pulse> | null }>('operations-pulse', () => ({
    atMs: 0,
    pulse: null,
  }));
  if (kept.pulse === null || performance.now() - kept.atMs > pulseKeptMs) {
    kept.atMs = performance.now();
    kept.pulse = readPulse(executorOf(pool()), 'seat', policy.leaseMs);
    // The next reader tries again; this one is told by the rejection itself.
    kept.pulse.catch(() => {
      kept.pulse = null;
    });
  }
  return kept.pulse;
}

function pulseBody({ changesLastHour, pushesLastDay, busiestSubscription }: Pulse): OperationsBody['pulse'] {
  return {
    changesLastHour: changesLastHour.ended,
    rolledBackLastHour: changesLastHour.rolledBack,
    pushesLastDay: pushesLastDay.ended,
    medianMs: pushesLastDay.medianMs,
    slowest5PercentMs: pushesLastDay.slowest5PercentMs,
    recovered: pushesLastDay.recovered,
    slowestRecoveryMs: pushesLastDay.slowestRecoveryMs,
    quota: busiestSubscription && { ...busiestSubscription, allowed: quantityUpdatesAnHour },
  };
}
