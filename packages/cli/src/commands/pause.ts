import { type CommonOptions, defineCommand } from '../define-command.ts';
import { actorOf, withActor } from '../options.ts';
import { printJson } from '../output/json.ts';
import type { Program } from '../run.ts';
import { UsageError } from '../usage-error.ts';
import { withSeatbelt } from '../with-seatbelt.ts';

interface Options extends CommonOptions {
  readonly reason: string;
  readonly actor?: string;
}

/** `seatbelt pause [organization] --reason`: nothing is written to Stripe any more. */
export function pauseCommand({ commander, io }: Program): void {
  const command = defineCommand(
    commander,
    'pause [organization]',
    'stop writes to Stripe for one organization, or for all of them',
  )
    .requiredOption('--reason <text>', 'why; people read it on their screens')
    .addHelpText(
      'after',
      `
Reading, and freeing seats, go on. A change that is open stays open; what is under way at Stripe is not called back.
To pause one organization STRIPE_SECRET_KEY is needed as well; to pause all of them DATABASE_URL is enough.`,
    );
  withActor(command).action(async (organization: string | undefined, options: Options) => {
    const stripe = organization === undefined ? 'optional' : 'required';
    await withSeatbelt(io, { stripe, verbose: options.verbose }, async (seatbelt) => {
      if (organization === undefined && (await seatbelt.overview()).installation === null) {
        throw new UsageError('Nothing was ever linked in this database, so there is nothing to pause.');
      }
      await seatbelt.pause(organization ?? null, { reason: options.reason, actor: actorOf(options, io) });
    });
    if (options.json)
      return printJson(io, { paused: true, organization: organization ?? null, reason: options.reason });
    await io.out(
      `Writes to Stripe are paused for ${organization ?? 'all organizations'}. \`seatbelt resume${organization === undefined ? '' : ` ${organization}`}\` lets them go on.\n`,
    );
  });
}
