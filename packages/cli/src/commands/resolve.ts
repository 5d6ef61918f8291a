import { InvalidArgumentError, Option } from 'commander';
import type { Resolution } from 'seatbelt';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { exitCodes } from '../io.ts';
import { actorOf, withActor } from '../options.ts';
import { printJson } from '../output/json.ts';
import { plural } from '../output/times.ts';
import type { Program } from '../run.ts';
import { withSeatbelt } from '../with-seatbelt.ts';

interface Options extends CommonOptions {
  readonly inFavourOf: 'stripe' | 'database';
  readonly reason: string;
  readonly actor?: string;
  readonly seen?: Resolution['seen'];
}

/** `seatbelt resolve <organization>`: the way out of a hold. */
export function resolveCommand(program: Program): void {
  const { commander, io } = program;
  const command = defineCommand(commander, 'resolve <organization>', 'end a hold: say which side counts')
    .addOption(
      new Option(
        '--in-favour-of <side>',
        'stripe: what Stripe bills counts; database: Stripe is told what was agreed on',
      )
        .choices(['stripe', 'database'])
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'why, for the audit trail')
    .option(
      '--seen <billed,agreed>',
      'the two quantities you decided about, as `explain` names them; where either has moved, nothing is done',
      quantitiesSeen,
    )
    .addHelpText(
      'after',
      `
In favour of stripe, changes of the push that was in doubt are rolled back. In favour of the database, Stripe is told
what was agreed on last, which may charge or credit the customer, and what waits is asked for after that. \`seatbelt explain <organization>\` shows both sides.`,
    );
  withActor(command).action(async (organization: string, options: Options) => {
    const seats = await withSeatbelt(io, { stripe: 'required', verbose: options.verbose }, (seatbelt) =>
      seatbelt.resolve(organization, {
        by: options.inFavourOf,
        reason: options.reason,
        actor: actorOf(options, io),
        ...(options.seen === undefined ? {} : { seen: options.seen }),
      }),
    );
    // Stripe may have refused what the database asked for; then the account is held again, with the reason.
    if (seats.status === 'held') program.endWith(exitCodes.wrong);
    if (options.json) return printJson(io, { organization, ...seats });
    await io.out(
      seats.hold === null
        ? `Resolved in favour of ${options.inFavourOf}: ${plural(seats.purchasedSeats, 'seat')}, ${seats.settledSeats} confirmed by Stripe.\n`
        : `${organization} is held again: ${seats.hold.message}\n`,
    );
    if (seats.pending !== null) {
      await io.out(`A change is on its way to Stripe; follow it with \`seatbelt explain ${organization}\`.\n`);
    }
  });
}

function quantitiesSeen(text: string): Resolution['seen'] {
  const [, billed, agreed] = /^(\d{1,15}),(\d{1,15})$/.exec(text) ?? [];
  if (billed === undefined || agreed === undefined) {
    throw new InvalidArgumentError('It must be two whole numbers, what Stripe bills and what was agreed on: 15,10.');
  }
  return { observed: Number(billed), expected: Number(agreed) };
}
