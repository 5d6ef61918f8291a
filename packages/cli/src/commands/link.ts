import { Option } from 'commander';
import type { LinkOptions } from 'seatbelt';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { exitCodes } from '../io.ts';
import { type LinkOutcome, type LinkResult, linkRows } from '../link-file/link-rows.ts';
import { progress } from '../link-file/progress.ts';
import { readLinkFile } from '../link-file/read-link-file.ts';
import { actorOf, wholeNumber, withActor } from '../options.ts';
import { printJson } from '../output/json.ts';
import { plural } from '../output/times.ts';
import type { Program } from '../run.ts';
import { UsageError } from '../usage-error.ts';
import { withSeatbelt } from '../with-seatbelt.ts';

interface Options extends CommonOptions {
  readonly subscription?: string;
  readonly item?: string;
  readonly seats?: number;
  readonly used?: number;
  readonly onMismatch: NonNullable<LinkOptions['onMismatch']>;
  readonly file?: string;
  readonly reason?: string;
  readonly actor?: string;
}

/** `seatbelt link`: adopts Stripe subscriptions for organizations, one or many. */
export function linkCommand(program: Program): void {
  const { commander, io } = program;
  const command = defineCommand(
    commander,
    'link [organization]',
    'adopt an existing Stripe subscription for an organization',
  )
    .option('--subscription <id>', 'the subscription that bills it (sub_…)')
    .option('--item <id>', 'the item that bills the seats (si_…); needed where there are several')
    .option('--seats <n>', 'the seats your database says were bought (default: what Stripe bills)', wholeNumber(0, 1e6))
    .option('--used <n>', 'seats in use already, without named holders', wholeNumber(0, 1e6))
    .addOption(
      new Option('--on-mismatch <side>', 'where --seats and Stripe differ: hold and ask, or let one side count')
        .choices(['hold', 'stripe', 'database'])
        .default('hold'),
    )
    .option('--file <path>', 'link many: a .csv or .jsonl file with one account per line')
    .option('--reason <text>', 'why, for the audit trail')
    .addHelpText(
      'after',
      `
Files have the columns organization, subscription, and where wanted item, seats, used, holders. The whole file is checked
first. Rows that are linked already are skipped, so a run that was cut short is simply started again.
Exits with 1 when an account is held or a row failed.`,
    );
  withActor(command).action(async (organization: string | undefined, options: Options) => {
    const shared = {
      onMismatch: options.onMismatch,
      actor: actorOf(options, io),
      ...(options.reason === undefined ? {} : { reason: options.reason }),
    };
    if (options.file === undefined) await linkOne(program, organization, options, shared);
    else await linkFile(program, organization, options.file, options, shared);
  });
}

async function linkOne(
  program: Program,
  organization: string | undefined,
  options: Options,
  shared: Pick<LinkOptions, 'onMismatch' | 'actor' | 'reason'>,
): Promise<void> {
  const { io } = program;
  const { subscription, item, seats, used } = options;
  if (organization === undefined || subscription === undefined) {
    throw new UsageError('Give an organization and --subscription, or --file for many. See `seatbelt link --help`.');
  }
  const report = await withSeatbelt(io, { stripe: 'required', verbose: options.verbose }, (seatbelt) =>
    seatbelt.link(organization, {
      ...shared,
      subscription,
      ...(item === undefined ? {} : { item }),
      ...(seats === undefined ? {} : { seats }),
      ...(used === undefined ? {} : { used }),
    }),
  );
  if (report.outcome === 'held') program.endWith(exitCodes.wrong);
  if (options.json) return printJson(io, report);
  const numbers = `${plural(report.seats, 'seat')}, Stripe bills quantity ${report.stripeQuantity ?? 'none'}`;
  const sentence = {
    linked: `Linked ${organization}: ${numbers}.`,
    already_linked: `${organization} was linked already: ${numbers}.`,
    relinked: `Linked ${organization} to another subscription: ${numbers}.`,
    held: `${organization} is linked and held, because the two sides differ: ${numbers}. \`seatbelt explain ${organization}\` says what to do.`,
  }[report.outcome];
  await io.out(`${sentence}\n`);
}

async function linkFile(
  program: Program,
  organization: string | undefined,
  file: string,
  options: Options,
  shared: Pick<LinkOptions, 'onMismatch' | 'actor' | 'reason'>,
): Promise<void> {
  const { io } = program;
  const single = [organization, options.subscription, options.item, options.seats, options.used];
  if (single.some((value) => value !== undefined)) {
    throw new UsageError('--file says everything about each account; leave out the organization and its options.');
  }
  const rows = await readLinkFile(file);
  const results = await withSeatbelt(io, { stripe: 'required', verbose: options.verbose }, async (seatbelt) => {
    const shown = progress(io, rows.length);
    try {
      return await linkRows(seatbelt, rows, shared, shown.done);
    } finally {
      shown.end();
    }
  });
  const counts = countsOf(results);
  if (counts.held + counts.failed > 0) program.endWith(exitCodes.wrong);
  if (options.json) return printJson(io, { file, rows: results.length, ...counts, results });
  for (const { line, organization: name, outcome, message } of results) {
    if (outcome === 'held' || outcome === 'failed')
      await io.out(`line ${line}: ${name} ${outcome}: ${message ?? 'the two sides differ'}\n`);
  }
  await io.out(
    `${plural(results.length, 'row')}: ${counts.linked} linked, ${counts.relinked} relinked, ${counts.skipped} linked already, ${counts.held} held, ${counts.failed} failed.\n`,
  );
  if (counts.failed > 0) await io.out('Run the same command again to try those that failed; the others are skipped.\n');
}

function countsOf(results: readonly LinkResult[]) {
  const count = (...outcomes: LinkOutcome[]) => results.filter(({ outcome }) => outcomes.includes(outcome)).length;
  return {
    linked: count('linked'),
    relinked: count('relinked'),
    skipped: count('skipped', 'already_linked'),
    held: count('held'),
    failed: count('failed'),
  };
}
