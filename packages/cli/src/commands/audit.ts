import { Option } from 'commander';
import type { ChainReport, Seatbelt } from 'seatbelt';
import { auditEntryLine, auditHeaderLine, auditJsonLine } from '../audit-export.ts';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { exitCodes } from '../io.ts';
import { printJson } from '../output/json.ts';
import { plural } from '../output/times.ts';
import type { Program } from '../run.ts';
import { UsageError } from '../usage-error.ts';
import { withSeatbelt } from '../with-seatbelt.ts';

/** `seatbelt audit verify|export`: is the trail whole, and give it to me. Both need the database alone. */
export function auditCommand(program: Program): void {
  const audit = program.commander.command('audit').description('verify or export the audit trail');
  verifyCommand(program, audit);
  exportCommand(program, audit);
}

function verifyCommand(program: Program, audit: Program['commander']): void {
  const { io } = program;
  defineCommand(audit, 'verify [organization]', 'walk the hash chain of one organization, or of all of them')
    .addHelpText(
      'after',
      `
Finds an altered byte, a missing entry, entries cut off at the end (length and head are on the account as well), and
entries whose columns give them to another change or push than their text does.
Exits with 1 and names the first broken sequence of each trail that is not whole.`,
    )
    .action(async (organization: string | undefined, options: CommonOptions) => {
      const counts = { organizations: 0, entries: 0 };
      const broken: ChainReport[] = [];
      const ofAll = await withSeatbelt(io, { stripe: 'optional', verbose: options.verbose }, async (seatbelt) => {
        for await (const name of named(seatbelt, organization)) {
          const report = await seatbelt.verifyAudit(name);
          counts.organizations += 1;
          counts.entries += report.entries;
          if (report.broken === null) continue;
          broken.push(report);
          if (!options.json) await io.out(brokenText(report));
        }
        return organization === undefined ? seatbelt.verifyInstallationAudit() : null;
      });
      const whole = broken.length === 0 && (ofAll?.broken ?? null) === null;
      if (!whole) program.endWith(exitCodes.wrong);
      if (options.json) return printJson(io, { whole, ...counts, broken, installation: ofAll });
      if (ofAll?.broken) {
        await io.out(
          `BROKEN the installation's trail of pauses: at sequence ${ofAll.broken.sequence}, ${ofAll.broken.why}\n`,
        );
      }
      await io.out(
        broken.length === 0
          ? `Whole: ${plural(counts.entries, 'entry', 'entries')} of ${plural(counts.organizations, 'organization')}, from the first to the head on the account.\n`
          : `${plural(broken.length, 'trail')} of ${counts.organizations} not whole.\n`,
      );
    });
}

async function* named(seatbelt: Seatbelt, organization: string | undefined): AsyncGenerator<string> {
  if (organization === undefined) yield* seatbelt.organizations();
  else yield organization;
}

function brokenText({ organization, broken, entries }: ChainReport): string {
  return `BROKEN ${organization}: at sequence ${broken?.sequence}, ${broken?.why} (${plural(entries, 'entry', 'entries')} before it whole)\n`;
}

function exportCommand({ io }: Program, audit: Program['commander']): void {
  interface Options extends CommonOptions {
    readonly format: 'jsonl' | 'csv';
  }
  defineCommand(
    audit,
    'export [organization]',
    'write the trail of one organization, or of what was done to all at once, to standard output',
  )
    .addOption(new Option('--format <format>', 'one line per entry').choices(['jsonl', 'csv']).default('jsonl'))
    .addHelpText(
      'after',
      `
Without an organization it is the trail of the installation: who paused or resumed everything, when and why.
Each line has the stored text of the entry, unaltered, and its hash: sha256(hash before, newline, text).
So the chain can be verified without Seatbelt and without the database.`,
    )
    .action(async (organization: string | undefined, options: Options) => {
      if (options.json && options.format === 'csv') {
        throw new UsageError('--json and --format csv exclude each other; --format jsonl is JSON already.');
      }
      await withSeatbelt(io, { stripe: 'optional', verbose: options.verbose }, async (seatbelt) => {
        const line = options.format === 'csv' ? auditEntryLine : auditJsonLine;
        if (organization === undefined) {
          if (options.format === 'csv') await io.out(auditHeaderLine);
          for (const entry of await seatbelt.installationAudit()) await io.out(line(entry));
          return;
        }
        // An unknown organization has no trail; asking for its account says so instead of writing an empty file.
        await seatbelt.inspect(organization);
        if (options.format === 'csv') await io.out(auditHeaderLine);
        for await (const entry of seatbelt.exportAudit(organization)) await io.out(line(entry));
      });
    });
}
