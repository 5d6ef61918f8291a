import type { SeatChangeBody } from 'seatbelt';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { exitCodes } from '../io.ts';
import { actorOf, withActor } from '../options.ts';
import { printJson } from '../output/json.ts';
import { plural } from '../output/times.ts';
import type { Program } from '../run.ts';
import { withSeatbelt } from '../with-seatbelt.ts';

interface Options extends CommonOptions {
  readonly reason: string;
  readonly actor?: string;
}

/** `seatbelt cancel <organization> <change>`: takes back a change that has not taken effect. */
export function cancelCommand(program: Program): void {
  const { commander, io } = program;
  const command = defineCommand(
    commander,
    'cancel <organization> <change>',
    'take back a change that is scheduled, waits for an approval, or that nobody has paid for',
  ).requiredOption('--reason <text>', 'why, for the audit trail');
  withActor(command).action(async (organization: string, change: string, options: Options) => {
    const ended = await withSeatbelt(io, { stripe: 'required', verbose: options.verbose }, (seatbelt) =>
      seatbelt.cancel(organization, change, { reason: options.reason, actor: actorOf(options, io) }),
    );
    // Seats that are paid for although they were to be taken back are something a person has to know.
    if (ended.status === 'applied') program.endWith(exitCodes.wrong);
    if (options.json) return printJson(io, { organization, ...ended });
    await io.out(`${sentence(organization, change, ended)}\n`);
  });
}

function sentence(organization: string, change: string, { status, code, message, purchasedSeats }: SeatChangeBody) {
  switch (status) {
    case 'rolled_back':
      return `Taken back: ${message ?? code ?? change}`;
    case 'applied':
      return `It was paid before it could be taken back, so it counts: ${plural(purchasedSeats, 'seat')}.`;
    default:
      return `Its invoice is being voided; follow it with \`seatbelt explain ${organization}\`.`;
  }
}
