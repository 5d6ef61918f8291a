import type { SweepReport } from 'seatbelt';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { exitCodes } from '../io.ts';
import { wholeNumber } from '../options.ts';
import { printJson } from '../output/json.ts';
import { plural } from '../output/times.ts';
import type { Program } from '../run.ts';
import { findingText } from '../sweep/finding-text.ts';
import { sweepProgress } from '../sweep/progress.ts';
import { checkReportFile, type ReportFormat, reportFormat, writeReport } from '../sweep/report.ts';
import { keepMemorySmall } from '../sweep/small-memory.ts';
import { UsageError } from '../usage-error.ts';
import { withSeatbelt } from '../with-seatbelt.ts';

interface Options extends CommonOptions {
  readonly dryRun?: true;
  readonly apply?: true;
  readonly limit?: number;
  readonly rate?: number;
  readonly report?: string;
}

/** Findings printed on a screen; a report file has all of them. */
const printed = 50;

/** `seatbelt sweep`: compares all subscriptions of Stripe with the database. */
export function sweepCommand(program: Program): void {
  const { commander, io } = program;
  defineCommand(commander, 'sweep', 'compare all subscriptions of Stripe with the database')
    .option('--dry-run', 'only say what differs and what would be done')
    .option('--apply', 'answer what differs as the terms say')
    .option('--limit <n>', 'accounts it may change before it stops and asks (default: 100)', wholeNumber(0, 1e6))
    .option('--rate <n>', 'list calls in a second (default: 20; Stripe allows an account 100)', wholeNumber(1, 100))
    .option('--report <file>', 'write everything that was found: a .json or .html file')
    .addHelpText(
      'after',
      `
Without --dry-run or --apply the first sweep of an installation is a dry run, and later ones apply. One that was cut short
is gone on with by running the same command again. Exits with 1 when something differs, when it stopped at its limit, or
when Stripe could not be read to the end.`,
    )
    .action(async (options: Options) => {
      if (options.dryRun && options.apply) throw new UsageError('--dry-run and --apply exclude each other.');
      const format = options.report === undefined ? null : reportFormat(options.report);
      if (options.report !== undefined) await checkReportFile(options.report);
      keepMemorySmall();
      const stop = new AbortController();
      // The page at hand is brought to its end, so that the next run goes on right there.
      void io.stopSignal().then(() => stop.abort());
      await withSeatbelt(io, { stripe: 'required', verbose: options.verbose }, async (seatbelt) => {
        const shown = sweepProgress(io);
        const report = await seatbelt
          .sweep({
            ...(options.dryRun || options.apply ? { dryRun: options.dryRun === true } : {}),
            ...(options.limit === undefined ? {} : { repairLimit: options.limit }),
            ...(options.rate === undefined ? {} : { callsPerSecond: options.rate }),
            onProgress: shown.at,
            signal: stop.signal,
          })
          .finally(() => shown.end());
        const findings = () => seatbelt.sweepFindings(report.id);
        if (format !== null && options.report !== undefined) {
          await writeReport(options.report, format satisfies ReportFormat, report, findings());
        }
        const kinds = new Map<string, number>();
        const first: string[] = [];
        for await (const finding of findings()) {
          kinds.set(finding.kind, (kinds.get(finding.kind) ?? 0) + 1);
          if (finding.kind !== 'unlinked' && first.length < printed) first.push(findingText(finding));
        }
        const differing = [...kinds].reduce((sum, [kind, count]) => (kind === 'unlinked' ? sum : sum + count), 0);
        if (differing > 0 || report.state !== 'finished') program.endWith(exitCodes.wrong);
        if (options.json) return printJson(io, { ...report, kinds: Object.fromEntries(kinds) });
        for (const line of first) await io.out(`${line}\n`);
        if (differing > first.length) {
          await io.out(`… and ${differing - first.length} more; --report writes all of them.\n`);
        }
        await io.out(summary(report, differing));
        if (options.report !== undefined) await io.out(`The report is in ${options.report}.\n`);
      });
    });
}

function summary(report: SweepReport, differing: number): string {
  const compared = `${plural(report.subscriptions, 'subscription')} compared, ${plural(report.linked, 'linked one')}, ${report.unlinked} that nobody is linked to.`;
  const what =
    differing === 0
      ? 'Both sides agree.'
      : report.dryRun
        ? `${plural(differing, 'difference')}. This was a dry run: nothing was changed; --apply answers them as the terms say.`
        : `${plural(differing, 'difference')}, ${plural(report.repairs, 'account')} changed.`;
  const end = {
    finished: '',
    stopped:
      report.failed === null
        ? `It stopped after ${plural(report.repairs, 'change')}, as many as it may make. If they are right, allow more with --limit.\n`
        : `Stripe no longer knows the subscription that it stood at (${report.failed}). Run the same command again to begin anew.\n`,
    walking: unfinished(report),
    missing: unfinished(report),
  }[report.state];
  return `${compared}\n${what}\n${end}`;
}

function unfinished(report: SweepReport): string {
  const why =
    report.failed === null ? 'It was told to stop' : `Stripe could not be read any further (${report.failed})`;
  return `${why}. Run the same command again to go on from here.\n`;
}
