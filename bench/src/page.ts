import type { Results } from './results.ts';
import { programNames } from './usual/programs.ts';

/** The figures of one run as a page that needs nothing but itself, in light and dark. */
export function page(results: Results): string {
  const { machine, overhead, throughput, burst, usual } = results;
  const sections: string[] = [];
  if (usual) {
    const { faults, load } = usual;
    sections.push(
      section(
        'After faults: organizations that Stripe and the database disagree about',
        `${faults.organizations} organizations. The same faults for each program, from seed ${faults.seed}: lost and cut answers, 500s before and after the write, declines at ${Math.round(faults.share * 100)} % of the organizations; ${faults.kills} SIGKILLs; ${faults.connectionCuts} database connections cut.`,
        bars(faults.programs.map((row) => [row.program, row.disagreeing, `${row.disagreeing}`])),
        htmlTable(
          [
            '',
            'billed too many',
            'billed too few',
            'people not counted',
            'told something untrue',
            'told “not known yet”',
            'healed after',
          ],
          faults.programs.map((row) => [
            row.program,
            row.billedTooMany,
            row.billedTooFew,
            row.uncountedPeople,
            row.toldWrong,
            row.told.unknown,
            row.program === 'Seatbelt' ? `${row.healSeconds} s` : 'never',
          ]),
        ),
      ),
      section(
        'Without faults: time of one invite, p50',
        `Stripe takes ${load.stripeMs} ms; ${load.atOnce} invites under way; ${load.processes} processes. “Together”: four invites for one organization at once, which Seatbelt sends as one or two writes.`,
        bars(load.programs.map((row) => [`${row.program}, ${row.shape}`, row.p50Ms, `${row.p50Ms} ms`])),
        htmlTable(
          ['', 'shape', 'p50', 'p99', 'invites a second', 'Stripe calls each', 'disagreeing'],
          load.programs.map((row) => [
            row.program,
            row.shape,
            `${row.p50Ms} ms`,
            `${row.p99Ms} ms`,
            row.perSecond,
            row.stripeCallsPerInvite,
            row.disagreeing,
          ]),
        ),
      ),
    );
  }
  if (burst) {
    sections.push(
      section(
        `${burst.callers} callers at once, one organization`,
        `Stripe takes ${burst.stripeMs} ms. All settled, median of ${burst.rounds} rounds; ${burst.stripeCalls} Stripe calls; every caller told an outcome of its own: ${burst.toldOwnOutcome ? 'yes' : 'no'}.`,
        bars([
          ['all settled', burst.allSettledMs, `${burst.allSettledMs} ms`],
          ['goal', burst.goalMs, `${burst.goalMs} ms`],
        ]),
      ),
    );
  }
  if (throughput) {
    sections.push(
      section(
        'Throughput over many organizations',
        `${throughput.organizations} organizations, ${throughput.clients} clients, median of ${throughput.rounds} rounds, beside pgbench writing the same rows in two explicit transactions. Ratio ${throughput.ratio ?? 'not measured'}, goal ${throughput.goalRatio}.`,
        bars([
          ['Seatbelt', throughput.enginePerSecond, `${throughput.enginePerSecond}/s`],
          ['pgbench', throughput.pgbenchPerSecond ?? 0, `${throughput.pgbenchPerSecond ?? 'not installed'}/s`],
        ]),
      ),
    );
  }
  if (overhead) {
    sections.push(
      section(
        'Overhead of one change without Stripe',
        `One client: one load and two commits. p99 ${overhead.p99Ms} ms; one round trip ${overhead.roundTripP50Ms} ms.`,
        bars([
          ['Seatbelt p50', overhead.p50Ms, `${overhead.p50Ms} ms`],
          ['Seatbelt mean', overhead.meanMs, `${overhead.meanMs} ms`],
          ['bare shape p50', overhead.bareP50Ms, `${overhead.bareP50Ms} ms`],
          ['pgbench mean, same rows', overhead.pgbenchMeanMs ?? 0, `${overhead.pgbenchMeanMs ?? 'not installed'} ms`],
          ['goal for p50', overhead.goalP50Ms, `${overhead.goalP50Ms} ms`],
        ]),
      ),
    );
  }
  sections.push(...latecomers(results));
  const loads = Object.entries(results.load).map(([name, load]) => `${name} ${load.before} to ${load.after}`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Seatbelt: benchmarks</title>
<style>
:root { color-scheme: light dark; --text: light-dark(#1c1917, #f5f5f4); --quiet: light-dark(#57534e, #a8a29e);
  --ground: light-dark(#fafaf9, #171412); --line: light-dark(#e7e5e4, #3b3531); --ours: light-dark(#0f766e, #2dd4bf); --other: light-dark(#a8a29e, #78716c); }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--ground); max-width: 52rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .25rem; } p { color: var(--quiet); margin: .25rem 0 1rem; }
.bars { display: grid; grid-template-columns: max-content 1fr; gap: .4rem 1rem; align-items: center; margin: 0; }
.bars dd { margin: 0; display: flex; gap: .5rem; align-items: center; font-variant-numeric: tabular-nums; }
.bars i { height: 1rem; min-width: 2px; border-radius: 2px; background: var(--other); } .bars .ours i { background: var(--ours); }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin-top: 1rem; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); text-align: right; } th:first-child, td:first-child { text-align: left; }
th { font-weight: 500; color: var(--quiet); vertical-align: bottom; }
</style>
<h1>Seatbelt: benchmarks</h1>
<p>${escaped(results.measuredAt.slice(0, 16).replace('T', ' '))} UTC. ${machine.cores} cores (${escaped(machine.processor)}), ${machine.memoryGiB} GiB, ${escaped(machine.system)}, Node ${escaped(machine.node)}, PostgreSQL ${escaped(machine.postgres)}.
Load average over the run: ${escaped(loads.join(', '))}; above ${machine.cores}, other programs were taking time away and only the relations count.${results.quick ? ' This was a quick run; its figures only show that the measurements work.' : ''}</p>
${sections.join('\n')}
`;
}

/** What happens after an outage, after years and after an hour, and what a durable workflow costs. */
function latecomers({ recovery, history, memory, dbos }: Results): string[] {
  const sections: string[] = [];
  if (recovery) {
    sections.push(
      section(
        `Recovery of ${recovery.changes} interrupted changes`,
        `Stripe takes ${recovery.stripeMs} ms and ${recovery.requestsPerSecond} requests a second; ${recovery.requestsTurnedAway} were turned away. Share of the limit ${recovery.shareOfLimit}, goal ${recovery.goalShareOfLimit}. Both sides agree: ${recovery.bothSidesAgree ? 'yes' : 'no'}.`,
        bars([
          ['all settled', recovery.settledSeconds, `${recovery.settledSeconds} s`],
          [
            'goal for these requests',
            recovery.requestsAccepted / recovery.requestsPerSecond,
            `${Math.round(recovery.requestsAccepted / recovery.requestsPerSecond / recovery.goalShareOfLimit)} s`,
          ],
        ]),
      ),
    );
  }
  if (history) {
    sections.push(
      section(
        'As history grows',
        `${history.organizations} organizations and ${history.changes} changes, ${history.ofOne} of them of one organization, beside an empty database in turn; goal at most ${history.goalRatio} times.`,
        htmlTable(
          ['', 'empty, p50', 'full, p50', 'ratio'],
          history.calls.map(({ name, emptyMs, fullMs, ratio }) => [name, `${emptyMs} ms`, `${fullMs} ms`, ratio]),
        ),
      ),
    );
  }
  if (memory) {
    sections.push(
      section(
        `Memory over ${Math.round(memory.seconds / 60)} minutes of load`,
        `${memory.changes} changes; the heap of the process after collections. Last third to second third: ${memory.growth}, goal ${memory.goalGrowth}.`,
        bars(memory.heapMiB.map((heap, index) => [`sample ${index + 1}`, heap, `${heap} MiB`])),
      ),
    );
  }
  if (dbos) {
    sections.push(
      section(
        'The same steps as a DBOS workflow',
        `${dbos.clients} clients; DBOS writes its checkpoints and no audit trail. With one client: Seatbelt ${dbos.seatbeltP50Ms} ms, DBOS ${dbos.dbosP50Ms} ms.`,
        bars([
          ['Seatbelt', dbos.seatbeltPerSecond, `${dbos.seatbeltPerSecond}/s`],
          ['DBOS', dbos.dbosPerSecond, `${dbos.dbosPerSecond}/s`],
        ]),
      ),
    );
  }
  return sections;
}

type Bar = readonly [name: string, value: number, label: string];

function section(title: string, explanation: string, ...content: string[]): string {
  return `<section>\n<h2>${escaped(title)}</h2>\n<p>${escaped(explanation)}</p>\n${content.join('\n')}\n</section>`;
}

function bars(rows: readonly Bar[]): string {
  const longest = Math.max(...rows.map(([, value]) => value), Number.MIN_VALUE);
  const drawn = rows.map(([name, value, label]) => {
    // Room is left for the label.
    const percent = ((value / longest) * 80).toFixed(1);
    const ours = name.startsWith('Seatbelt') || !isProgramOrGoal(name) ? ' class="ours"' : '';
    return `<dt>${escaped(name)}</dt><dd${ours}><i style="width:${percent}%"></i>${escaped(label)}</dd>`;
  });
  return `<dl class="bars">\n${drawn.join('\n')}\n</dl>`;
}

function isProgramOrGoal(name: string): boolean {
  return (
    name.startsWith('goal') ||
    name.startsWith('pgbench') ||
    name.startsWith('DBOS') ||
    programNames.some((program) => name.startsWith(program))
  );
}

function htmlTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = (row: readonly (string | number)[], tag: string) =>
    `<tr>${row.map((cell) => `<${tag}>${escaped(String(cell))}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table>\n${cells(head, 'th')}\n${rows.map((row) => cells(row, 'td')).join('\n')}\n</table></div>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
