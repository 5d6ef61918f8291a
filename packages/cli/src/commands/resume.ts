import { type CommonOptions, defineCommand } from '../define-command.ts';
import { actorOf, withActor } from '../options.ts';
import { printJson } from '../output/json.ts';
import type { Program } from '../run.ts';
import { withSeatbelt } from '../with-seatbelt.ts';

interface Options extends CommonOptions {
  readonly reason?: string;
  readonly actor?: string;
}

/** `seatbelt resume [organization]`: writes to Stripe go on. */
export function resumeCommand({ commander, io }: Program): void {
  const command = defineCommand(
    commander,
    'resume [organization]',
    'let writes to Stripe go on for one organization, or for all of them',
  )
    .option(
      '--reason <text>',
      'why, for the audit trail of the organization, or of the installation where all are resumed',
    )
    .addHelpText(
      'after',
      '\nResuming all of them leaves those paused that were paused one by one; `seatbelt status` shows them.',
    );
  withActor(command).action(async (organization: string | undefined, options: Options) => {
    const stripe = organization === undefined ? 'optional' : 'required';
    const stillPaused = await withSeatbelt(io, { stripe, verbose: options.verbose }, async (seatbelt) => {
      await seatbelt.resume(organization ?? null, {
        ...(options.reason === undefined ? {} : { reason: options.reason }),
        actor: actorOf(options, io),
      });
      // One kind of pause stays when the other is lifted; silence about it would look like a fault.
      const { installation, accounts } = await seatbelt.overview();
      return organization === undefined
        ? accounts.paused === 0
          ? null
          : `${accounts.paused} paused one by one still are; see \`seatbelt status --open\`.`
        : installation?.pausedReason == null
          ? null
          : `All organizations are paused still: ${installation.pausedReason}`;
    });
    if (options.json) return printJson(io, { paused: stillPaused !== null, organization: organization ?? null });
    await io.out(
      `Resumed for ${organization ?? 'all organizations'}.${stillPaused === null ? '' : ` ${stillPaused}`}\n`,
    );
  });
}
