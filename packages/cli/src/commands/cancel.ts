import { type CommonOptions, defineCommand } from '../define-command.ts';
import { actorOf, withActor } from '../options.ts';
import { printJson } from '../output/json.ts';
import type { Program } from '../run.ts';
import { withSeatbelt } from '../with-seatbelt.ts';

interface Options extends CommonOptions {
  readonly reason: string;
  readonly actor?: string;
}

/** `seatbelt cancel <organization> <change>`: takes back a change that has not taken effect. */
export function cancelCommand({ commander, io }: Program): void {
  const command = defineCommand(
    commander,
    'cancel <organization> <change>',
    'take back a change that is scheduled, waits for an approval, or that nobody has paid for',
  ).requiredOption('--reason <text>', 'why, for the audit trail');
  withActor(command).action(async (organization: string, change: string, options: Options) => {
    const ended = await withSeatbelt(io, { stripe: 'required', verbose: options.verbose }, (seatbelt) =>
      seatbelt.cancel(organization, change, { reason: options.reason, actor: actorOf(options, io) }),
    );
    if (options.json) return printJson(io, { organization, ...ended });
    await io.out(
      ended.status === 'rolled_back'
        ? `Taken back: ${ended.message ?? ended.code ?? change}\n`
        : `Its invoice is being voided; follow it with \`seatbelt explain ${organization}\`.\n`,
    );
  });
}
