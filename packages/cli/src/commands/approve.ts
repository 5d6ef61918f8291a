import { type CommonOptions, defineCommand } from '../define-command.ts';
import { exitCodes } from '../io.ts';
import { actorOf, withActor } from '../options.ts';
import { printJson } from '../output/json.ts';
import type { Program } from '../run.ts';
import { withSeatbelt } from '../with-seatbelt.ts';

interface Options extends CommonOptions {
  readonly decline?: boolean;
  readonly reason: string;
  readonly actor?: string;
}

/** `seatbelt approve <organization> <change>`: an owner's yes, or no, to a purchase above the guard. */
export function approveCommand(program: Program): void {
  const { commander, io } = program;
  const command = defineCommand(
    commander,
    'approve <organization> <change>',
    'approve a purchase above the guard, in the name of an owner',
  )
    .option('--decline', 'say no instead')
    .requiredOption('--reason <text>', 'why, for the audit trail');
  withActor(command).action(async (organization: string, change: string, options: Options) => {
    const said = { reason: options.reason, actor: actorOf(options, io) };
    const answer = await withSeatbelt(io, { stripe: 'required', verbose: options.verbose }, (seatbelt) =>
      options.decline ? seatbelt.decline(organization, change, said) : seatbelt.approve(organization, change, said),
    );
    // A yes that ended in a no is something a person has to know.
    if (!options.decline && answer.status === 'rolled_back') program.endWith(exitCodes.wrong);
    if (options.json) return printJson(io, { organization, ...answer });
    await io.out(
      options.decline
        ? 'Declined.\n'
        : `Approved; it is ${answer.status}${answer.message ? `: ${answer.message}` : ''} (${answer.purchasedSeats} seats).\n`,
    );
  });
}
