import { migrate } from 'seatbelt';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { printJson } from '../output/json.ts';
import { plural } from '../output/times.ts';
import type { Program } from '../run.ts';
import { databaseUrl } from '../with-seatbelt.ts';

/** `seatbelt migrate`: the schema, up to date. */
export function migrateCommand({ commander, io }: Program): void {
  defineCommand(commander, 'migrate', 'bring the schema `seatbelt` in the database up to date')
    .addHelpText('after', '\nSafe to run at every start and from several processes at once. Needs DATABASE_URL only.')
    .action(async (options: CommonOptions) => {
      const { ran, total } = await migrate(databaseUrl(io));
      if (options.json) return printJson(io, { ran, total });
      for (const name of ran) await io.out(`ran ${name}\n`);
      await io.out(
        ran.length === 0
          ? `The schema is up to date (${plural(total, 'migration')}).\n`
          : `The schema is up to date now: ${plural(ran.length, 'migration')} ran, ${total} in all.\n`,
      );
    });
}
