import { type CommonOptions, defineCommand } from '../define-command.ts';
import { exitCodes } from '../io.ts';
import { wholeNumber } from '../options.ts';
import { printJson } from '../output/json.ts';
import type { Program } from '../run.ts';
import { accountLine, accountsText, needsPerson, overviewBody, overviewText } from '../status-text.ts';
import { withSeatbelt } from '../with-seatbelt.ts';

interface Options extends CommonOptions {
  readonly limit: number;
  readonly after?: string;
  readonly open?: true;
}

/** `seatbelt status`: all organizations at a glance. Reads the database only. */
export function statusCommand(program: Program): void {
  const { commander, io } = program;
  defineCommand(commander, 'status', 'all organizations at a glance')
    .option('--open', 'only organizations with something open, due or wrong')
    .option('--limit <n>', 'organizations per page', wholeNumber(1, 500), 50)
    .option('--after <organization>', 'the next page: organizations after this one')
    .addHelpText(
      'after',
      `
Exits with 1 when somebody is needed: an account is held, an incident asks a person to act, or work is overdue.
Reads the database only; \`seatbelt explain <organization>\` reads Stripe as well.`,
    )
    .action(async (options: Options) => {
      const { overview, duties, rate, page } = await withSeatbelt(
        io,
        { stripe: 'optional', verbose: options.verbose },
        async (seatbelt) => ({
          overview: await seatbelt.overview(),
          duties: await seatbelt.duties(),
          rate: await seatbelt.stripeRate(),
          page: await seatbelt.accounts({
            after: options.after ?? null,
            limit: options.limit,
            onlyOpen: options.open === true,
          }),
        }),
      );
      if (needsPerson(overview)) program.endWith(exitCodes.wrong);
      const lines = page.map(accountLine);
      const after = page.length === options.limit ? (page.at(-1)?.account.organization ?? null) : null;
      if (options.json) return printJson(io, { ...overviewBody(overview, duties, rate), organizations: lines, after });
      await io.out(overviewText(overview, duties, rate));
      await io.out(accountsText(lines, overview.now, { open: options.open === true, after, limit: options.limit }));
    });
}
