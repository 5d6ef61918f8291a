import type { Drawing } from '../gate/drawings.ts';
import type { Goal, Violation } from '../gate/part.ts';
import { notSeenFromOutside } from './checker/judge.ts';
import type { Ended } from './end.ts';
import { promised, ticksToSettle } from './place/times.ts';
import { type Recovery, timelineOf } from './recovery.ts';

/** Findings as the gate wants them: with everything that is known of the change they are about. */
function violationsOf(ended: Ended, command: string): Violation[] {
  return ended.findings.map(({ guarantee, organization, message }) => {
    const named = /story (s\d+)/.exec(message)?.[1];
    const changes = ended.evidence.changes.get(organization ?? '') ?? [];
    const change =
      changes.find(({ reason, id }) => reason === `story ${named}` || message.includes(id)) ??
      // Where a finding names none, it is about what was open when the faults were over.
      changes.find(({ endedAt }) => endedAt === null || endedAt > ended.evidence.quietAt);
    const story = named ?? /story (s\d+)/.exec(change?.reason ?? '')?.[1];
    const about = organization !== null && (story !== undefined || change !== undefined);
    return {
      guarantee,
      message: organization === null ? message : `${organization}: ${message}`,
      // Real processes are not replayed; the same seed makes the same requests and the same faults, at other moments.
      replay: `${command}   (the same wishes and faults; the moments are the machine's)`,
      timeline: about
        ? timelineOf(ended.evidence, ended.strikes, {
            organization: organization ?? '',
            story: story ?? '',
            change: change?.id ?? '',
          })
        : [],
    };
  });
}

/** What is kept of one run once it is judged; the evidence itself is let go. */
export interface Judged {
  readonly violations: readonly Violation[];
  /** Organizations whose two sides differ. */
  readonly divergence: number;
  /** Accepted changes that have vanished, and seats that do not count up. */
  readonly lost: number;
  readonly recoveries: readonly Recovery[];
  readonly worst: readonly string[];
  readonly faultCounts: Ended['faultCounts'];
  readonly faults: number;
  readonly settledMs: number | null;
  readonly settleWithinMs: number;
  readonly requests: number;
  readonly organizations: number;
}

export function judged(ended: Ended, command: string): Judged {
  const { findings, recoveries, faultCounts, strikes, settledMs, evidence } = ended;
  const of = (...guarantees: string[]) => findings.filter(({ guarantee }) => guarantees.includes(guarantee)).length;
  const byProxies = Object.values(faultCounts).flatMap((kinds) => Object.values(kinds));
  return {
    violations: violationsOf(ended, command),
    divergence: of('G5', 'G10'),
    lost: of('G6'),
    recoveries: recoveries.all,
    worst: recoveries.worst,
    faultCounts,
    faults: strikes.length + byProxies.reduce((sum, count) => sum + count, 0),
    settledMs,
    settleWithinMs: evidence.settleWithinMs,
    requests: evidence.stories.length,
    organizations: evidence.organizations.length,
  };
}

export function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

/** What both parts have to reach once the faults are over, in each of their rounds. */
export function settlingGoals(rounds: readonly Judged[]): Goal[] {
  const times = rounds.map(({ settledMs }) => settledMs ?? Number.POSITIVE_INFINITY);
  const slowest = Math.max(...times);
  const divergence = sum(rounds, (round) => round.divergence);
  const violations = sum(rounds, (round) => round.violations.length);
  const organizations = sum(rounds, (round) => round.organizations);
  return [
    {
      title: `everything settled within ${ticksToSettle} ticks of the last fault`,
      wanted: `<= ${(rounds[0]?.settleWithinMs ?? 0) / 1_000} s`,
      got: Number.isFinite(slowest) ? `${(slowest / 1_000).toFixed(1)} s` : 'not settled',
      met: Number.isFinite(slowest),
    },
    ...recoveryGoal(rounds),
    { title: 'organizations whose two sides differ', wanted: '0', got: String(divergence), met: divergence === 0 },
    {
      title: 'violations found by the independent checker',
      wanted: '0',
      got: `${violations}, over ${sum(rounds, (round) => round.requests)} requests and ${organizations} organizations`,
      met: violations === 0,
    },
  ];
}

/**
 * Half of the changes that were struck once have ended within ten seconds, whoever went on with them. What is struck again
 * and again, or has lost its connections as well, takes longer; the whole distribution is in the report.
 */
function recoveryGoal(rounds: readonly Judged[]): Goal[] {
  const once = rounds.flatMap(({ recoveries }) => recoveries.filter(({ strikes }) => strikes === 1));
  const took = once.flatMap(({ tookMs }) => tookMs ?? []).toSorted((a, b) => a - b);
  const half = took[Math.floor(took.length / 2)];
  if (half === undefined) return [];
  const [text, last] = [half, took.at(-1) ?? half].map((ms) => `${(ms / 1_000).toFixed(1)} s`);
  return [
    {
      title: 'half of the changes struck once had ended',
      wanted: `<= ${halfEndedWithinMs / 1_000} s`,
      got: `${text} (all ${took.length} within ${last})`,
      met: half <= halfEndedWithinMs,
    },
  ];
}
const halfEndedWithinMs = 10_000;

/** Pictures for the report. */
export function drawingsOf(rounds: readonly Judged[], name: string): Record<string, Drawing> {
  const all = rounds.flatMap(({ recoveries }) => recoveries);
  const took = (recoveries: readonly Recovery[]) => recoveries.flatMap(({ tookMs }) => tookMs ?? []);
  const slowest = (round: Judged) => Math.max(0, ...took(round.recoveries));
  const worst = rounds.toSorted((one, other) => slowest(other) - slowest(one))[0]?.worst ?? [];
  const counts = new Map<string, Map<string, number>>();
  for (const { faultCounts } of rounds) {
    for (const [way, kinds] of Object.entries(faultCounts)) {
      const known = counts.get(way) ?? new Map<string, number>();
      counts.set(way, known);
      for (const [kind, times] of Object.entries(kinds)) known.set(kind, (known.get(kind) ?? 0) + times);
    }
  }
  return {
    recoveries: {
      kind: 'distribution',
      title: `${name}: from the first strike until the change had ended (lease ${promised.leaseMs / 1_000} s, poll ${promised.pollMs / 1_000} s)`,
      unit: 'ms',
      values: took(all),
    },
    recoveriesStruckOnce: {
      kind: 'distribution',
      title: `${name}: the same, of changes that were struck only once`,
      unit: 'ms',
      values: took(all.filter(({ strikes }) => strikes === 1)),
    },
    worst: { kind: 'timeline', title: `${name}: the slowest recovery`, lines: worst },
    proxies: {
      kind: 'table',
      title: `${name}: what the proxies did`,
      columns: ['between', 'fault', 'times'],
      rows: [...counts].flatMap(([way, kinds]) => [...kinds].map(([kind, times]) => [way, kind, times])),
    },
    notSeen: {
      kind: 'table',
      title: 'What the checker of real processes cannot see from outside',
      columns: ['guarantee', 'what'],
      rows: Object.entries(notSeenFromOutside),
      note: 'These are judged by the schedules and by the tests of the engine.',
    },
  };
}
