import type { Seatbelt } from 'seatbelt';
import { readStripe } from 'seatbelt/environment';
import { accountStatus, withoutSecrets } from 'seatbelt/operator';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { explain } from '../explain/explain.ts';
import type { Explanation, Facts, StripeSide } from '../explain/facts.ts';
import { heartbeatOf } from '../heartbeat.ts';
import { exitCodes } from '../io.ts';
import { printJson } from '../output/json.ts';
import type { Program } from '../run.ts';
import { accountLine } from '../status-text.ts';
import { withSeatbelt } from '../with-seatbelt.ts';

interface Options extends CommonOptions {
  readonly look?: true;
}

/** `seatbelt explain <organization>`: what is going on, in plain sentences. */
export function explainCommand(program: Program): void {
  const { commander, io } = program;
  defineCommand(
    commander,
    'explain <organization>',
    'say in plain sentences what is true, what is open, why, and what comes next',
  )
    .option('--look', 'have Seatbelt itself look at Stripe first, so that a difference is recorded now')
    .addHelpText(
      'after',
      `
Reads the database and Stripe and changes nothing (with --look, what is found is recorded like any look of the worker's).
Without a Stripe key it says that Stripe's side is unknown. Exits with 1 when somebody is needed.`,
    )
    .action(async (organization: string, options: Options) => {
      const needs = { stripe: options.look ? 'required' : 'optional', verbose: options.verbose } as const;
      const facts = await withSeatbelt(io, needs, async (seatbelt) => {
        if (options.look) {
          await seatbelt.mark(organization);
          await seatbelt.advance(organization);
        }
        return gather(seatbelt, organization, readStripe(io.env) !== null);
      });
      const explanation = explain(facts);
      if (explanation.needsPerson) program.endWith(exitCodes.wrong);
      if (options.json) {
        return printJson(io, {
          ...accountLine(facts.state),
          status: accountStatus(facts.state),
          stripe: facts.stripe,
          incidents: facts.state.incidents,
          explanation,
        });
      }
      await io.out(inParagraphs(explanation));
    });
}

/** Times that both sides are read again because the account moved meanwhile. */
const readings = 3;

/** Both sides as they were at one moment: where the account moved while Stripe was read, both are read again. */
async function gather(seatbelt: Seatbelt, organization: string, hasKey: boolean): Promise<Facts> {
  let state = await seatbelt.inspect(organization);
  let stripe: StripeSide = { known: false, reason: 'STRIPE_SECRET_KEY is not set' };
  for (let reading = 0; hasKey && reading < readings; reading += 1) {
    const { version } = state.account;
    stripe = await readSide(seatbelt, organization);
    state = await seatbelt.inspect(organization);
    if (state.account.version === version) break;
  }
  const { changes } = await seatbelt.changes(organization, { limit: 1 });
  return { state, stripe, lastChange: changes[0] ?? null, heartbeat: heartbeatOf(await seatbelt.duties()) };
}

async function readSide(seatbelt: Seatbelt, organization: string): Promise<StripeSide> {
  const side = await seatbelt.lookAtStripe(organization);
  return side.known ? side : { known: false, reason: withoutSecrets(side.reason) };
}

function inParagraphs(explanation: Explanation): string {
  const paragraph = (title: string, sentences: readonly string[]) =>
    sentences.length === 0 ? '' : `\n${title}\n${sentences.map((sentence) => `  - ${sentence}\n`).join('')}`;
  return [
    `${explanation.headline}\n`,
    paragraph('What is true', explanation.whatIsTrue),
    paragraph('What is open, and why', explanation.whatIsOpen),
    paragraph('What happens next', explanation.whatHappensNext),
    paragraph('What you can do', explanation.whatYouCanDo),
  ].join('');
}
