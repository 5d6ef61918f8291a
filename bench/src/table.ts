import type { Results } from './results.ts';

/** The figures with their goals, for a terminal. A figure that misses its goal says so. */
export function table(results: Results): string {
  const { machine, overhead, throughput, burst, usual } = results;
  const lines = [
    '',
    `${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}, PostgreSQL ${machine.postgres}`,
    `Load average before and after: ${Object.entries(results.load)
      .map(([name, load]) => `${name} ${load.before} and ${load.after}`)
      .join(', ')}`,
    ...(results.quick ? ['This was a quick run: its figures only show that the measurements work.'] : []),
    '',
  ];
  if (overhead) {
    lines.push(
      'Overhead of one change without Stripe, one client (one load, two commits)',
      `  p50 ${overhead.p50Ms} ms   ${verdict(overhead.p50Ms <= overhead.goalP50Ms, `at most ${overhead.goalP50Ms} ms`)}`,
      `  p99 ${overhead.p99Ms} ms, mean ${overhead.meanMs} ms; one round trip ${overhead.roundTripP50Ms} ms`,
      `  p50 ${overhead.rememberedP50Ms} ms where the same process changed the organization seconds before (no load)`,
      `  the bare shape (one read, two commits, three tables without rules): p50 ${overhead.bareP50Ms} ms; Seatbelt takes ${overhead.p50ToBare} times that`,
      overhead.pgbenchMeanMs === null
        ? '  pgbench is not installed here'
        : `  pgbench with the same rows in two transactions: mean ${overhead.pgbenchMeanMs} ms; Seatbelt takes ${overhead.meanToPgbench} times that`,
      '',
    );
  }
  if (throughput) {
    lines.push(
      `Throughput over ${throughput.organizations} organizations, ${throughput.clients} clients, median of ${throughput.rounds} rounds`,
      `  Seatbelt ${throughput.enginePerSecond}/s, pgbench ${throughput.pgbenchPerSecond ?? 'not installed'}/s`,
      throughput.ratio === null
        ? `  ${throughput.pgbench}`
        : `  ratio ${throughput.ratio}   ${verdict(throughput.ratio >= throughput.goalRatio, `at least ${throughput.goalRatio}`)}   rounds: ${throughput.ratios.join(', ')}`,
      `  with a load before every change: ${throughput.withLoad.enginePerSecond}/s, ratio ${throughput.withLoad.ratio ?? 'not measured'}`,
      `  CPU time per change: Node ${throughput.cpuMsPerChange.node} ms, its server ${throughput.cpuMsPerChange.server ?? '?'} ms; the server under pgbench ${throughput.cpuMsPerChange.pgbenchServer ?? '?'} ms`,
      '',
    );
  }
  if (burst) {
    lines.push(
      `${burst.callers} callers at once, one organization, Stripe takes ${burst.stripeMs} ms, median of ${burst.rounds} rounds`,
      `  all settled after ${burst.allSettledMs} ms   ${verdict(burst.allSettledMs <= burst.goalMs, `at most ${burst.goalMs} ms`)}`,
      `  Stripe calls ${burst.stripeCalls}   ${verdict(burst.stripeCalls <= burst.goalStripeCalls, `at most ${burst.goalStripeCalls}`)}`,
      `  every caller told an outcome of its own: ${burst.toldOwnOutcome ? 'yes' : 'NO'}; both sides agree: ${burst.bothSidesAgree ? 'yes' : 'NO'}`,
      '',
    );
  }
  if (usual) {
    const { load, faults } = usual;
    lines.push(
      `Without faults: Stripe takes ${load.stripeMs} ms, ${load.atOnce} invites under way, ${load.processes} processes`,
      ...columns(
        ['', 'shape', 'p50 ms', 'p99 ms', 'per s', 'Stripe calls each', 'disagreeing'],
        load.programs.map((row) => [
          row.program,
          row.shape,
          row.p50Ms,
          row.p99Ms,
          row.perSecond,
          row.stripeCallsPerInvite,
          row.disagreeing,
        ]),
      ),
      '',
      `With faults: seed ${faults.seed}, ${faults.organizations} organizations, ${faults.kills} SIGKILLs, ${faults.connectionCuts} connections cut`,
      ...columns(
        [
          '',
          'disagreeing',
          'billed too many',
          'too few',
          'uncounted people',
          'told wrong',
          'told "not yet"',
          'healed in s',
        ],
        faults.programs.map((row) => [
          row.program,
          row.disagreeing,
          row.billedTooMany,
          row.billedTooFew,
          row.uncountedPeople,
          row.toldWrong,
          row.told.unknown,
          row.program === 'Seatbelt' ? row.healSeconds : 'never',
        ]),
      ),
      '',
    );
  }
  return [...lines, ...latecomers(results)].join('\n');
}

/** What happens after an outage, after years and after an hour, and what a durable workflow costs. */
function latecomers({ recovery, history, memory, dbos }: Results): string[] {
  const lines: string[] = [];
  if (recovery) {
    lines.push(
      `Recovery of ${recovery.changes} interrupted changes, Stripe takes ${recovery.stripeMs} ms and ${recovery.requestsPerSecond} requests a second`,
      `  all settled ${recovery.settledSeconds} s after the first request; both sides agree: ${recovery.bothSidesAgree ? 'yes' : 'NO'}`,
      `  ${recovery.requestsAccepted} requests taken, ${recovery.requestsTurnedAway} turned away`,
      `  share of the limit ${recovery.shareOfLimit}   ${verdict(recovery.shareOfLimit >= recovery.goalShareOfLimit, `at least ${recovery.goalShareOfLimit}`)}`,
      '',
    );
  }
  if (history) {
    lines.push(
      `With ${history.organizations} organizations and ${history.changes} changes, ${history.ofOne} of them of one (${history.databaseMiB} MiB), p50 in ms`,
      ...columns(
        ['', 'empty', 'full', 'ratio', `goal at most ${history.goalRatio}`],
        history.calls.map(({ name, emptyMs, fullMs, ratio, hasGoal }) => [
          name,
          emptyMs,
          fullMs,
          ratio,
          hasGoal ? (ratio <= history.goalRatio ? 'met' : 'MISSED') : 'none',
        ]),
      ),
      '',
    );
  }
  if (memory) {
    lines.push(
      `Memory over ${memory.seconds} s of load, ${memory.changes} changes, after collections`,
      `  heap ${memory.heapSecondThirdMiB} MiB in the second third, ${memory.heapLastThirdMiB} MiB in the last`,
      `  growth ${memory.growth}   ${verdict(memory.growth <= memory.goalGrowth, `at most ${memory.goalGrowth}`)}`,
      '',
    );
  }
  if (dbos) {
    lines.push(
      `The same steps as a DBOS workflow, median of ${dbos.rounds} rounds`,
      `  one client, p50: Seatbelt ${dbos.seatbeltP50Ms} ms, DBOS ${dbos.dbosP50Ms} ms; Seatbelt takes ${dbos.timeRatio} times that`,
      `  ${dbos.clients} clients: Seatbelt ${dbos.seatbeltPerSecond}/s, DBOS ${dbos.dbosPerSecond}/s; Seatbelt does ${dbos.rateRatio} times that`,
      '',
    );
  }
  return lines;
}

function verdict(met: boolean, goal: string): string {
  return met ? `goal ${goal}: met` : `goal ${goal}: MISSED`;
}

function columns(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] {
  const all = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map(
    (row) =>
      `  ${row.map((cell, column) => (column < 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`,
  );
}
