import type { Drawing } from '../gate/drawings.ts';
import type { Goal, Violation } from '../gate/part.ts';
import { notSeenFromOutside } from './checker/judge.ts';
import type { Ended } from './end.ts';
import { promised, ticksToSettle } from './place/times.ts';
import { timelineOf } from './recovery.ts';

/** Findings as the gate wants them: with everything that is known of the change they are about. */
export function violationsOf(ended: Ended, command: string): Violation[] {
  return ended.findings.map(({ guarantee, organization, message }) => {
    const story = /story (s\d+)/.exec(message)?.[1];
    const change = ended.evidence.changes
      .get(organization ?? '')
      ?.find(({ reason, id }) => reason === `story ${story}` || message.includes(id));
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

/** What both parts have to reach once the faults are over. */
export function settlingGoals(ended: Ended): Goal[] {
  const { findings, settledMs, evidence } = ended;
  const divergence = findings.filter(({ guarantee }) => guarantee === 'G5' || guarantee === 'G10').length;
  return [
    {
      title: `everything settled within ${ticksToSettle} ticks of the last fault`,
      wanted: `<= ${evidence.settleWithinMs / 1_000} s`,
      got: settledMs === null ? 'not settled' : `${(settledMs / 1_000).toFixed(1)} s`,
      met: settledMs !== null,
    },
    { title: 'organizations whose two sides differ', wanted: '0', got: String(divergence), met: divergence === 0 },
    {
      title: 'violations found by the independent checker',
      wanted: '0',
      got: `${findings.length}, over ${evidence.stories.length} requests and ${evidence.organizations.length} organizations`,
      met: findings.length === 0,
    },
  ];
}

/** Pictures of one run for the report. */
export function drawingsOf(ended: Ended, name: string): Record<string, Drawing> {
  const { recoveries, faultCounts } = ended;
  const once = recoveries.all.filter(({ strikes }) => strikes === 1);
  return {
    recoveries: {
      kind: 'distribution',
      title: `${name}: from the first strike until the change had ended (lease ${promised.leaseMs / 1_000} s, poll ${promised.pollMs / 1_000} s)`,
      unit: 'ms',
      values: recoveries.all.flatMap(({ tookMs }) => tookMs ?? []),
    },
    recoveriesStruckOnce: {
      kind: 'distribution',
      title: `${name}: the same, of changes that were struck only once`,
      unit: 'ms',
      values: once.flatMap(({ tookMs }) => tookMs ?? []),
    },
    worst: { kind: 'timeline', title: `${name}: the slowest recovery`, lines: recoveries.worst },
    proxies: {
      kind: 'table',
      title: `${name}: what the proxies did`,
      columns: ['between', 'fault', 'times'],
      rows: Object.entries(faultCounts).flatMap(([way, kinds]) =>
        Object.entries(kinds).map(([kind, times]) => [way, kind, times]),
      ),
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

export function proxyFaults(ended: Ended): number {
  return Object.values(ended.faultCounts)
    .flatMap((kinds) => Object.values(kinds))
    .reduce((sum, count) => sum + count, 0);
}
