import { InvalidArgumentError, Option } from 'commander';
import type { ForeignAnswer, Seatbelt, SeatsBody, Terms, TermsInput } from 'seatbelt';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { exitCodes } from '../io.ts';
import { actorOf, wholeNumber, withActor } from '../options.ts';
import { printJson } from '../output/json.ts';
import type { Program } from '../run.ts';
import { termsText } from '../terms-text.ts';
import { UsageError } from '../usage-error.ts';
import { withSeatbelt } from '../with-seatbelt.ts';

interface TermsOptions {
  readonly mode?: Terms['mode'];
  readonly minimumSeats?: number;
  readonly maximumSeats?: number | 'none';
  readonly includedSeats?: number;
  readonly minimumQuantity?: number;
  readonly increaseProration?: Terms['increase']['prorationBehavior'];
  readonly increasePayment?: Terms['increase']['paymentBehavior'];
  readonly decreaseProration?: Terms['decrease']['prorationBehavior'];
  readonly decreasePayment?: Terms['decrease']['paymentBehavior'];
  readonly decreaseWhen?: Terms['decrease']['when'];
  readonly settleMs?: number;
  readonly maxWaitMs?: number;
  readonly seatsPerDay?: number | 'none';
  readonly amountPerDay?: number | 'none';
  readonly onForeignChange?: Readonly<Record<string, string>>;
}

interface Options extends CommonOptions, TermsOptions {
  readonly reason?: string;
  readonly actor?: string;
}

const prorations = ['create_prorations', 'always_invoice', 'none'];
const payments = ['allow_incomplete', 'pending_if_incomplete', 'error_if_incomplete', 'default_incomplete'];

/** `seatbelt terms <organization>`: shows how an organization is billed, or changes it. */
export function termsCommand(program: Program): void {
  const { commander, io } = program;
  const seats = wholeNumber(0, 1e6);
  const hour = wholeNumber(0, 3_600_000);
  const command = defineCommand(commander, 'terms <organization>', 'show how an organization is billed, or change it')
    .addOption(new Option('--mode <mode>', 'prepaid, or follow: billing follows use').choices(['prepaid', 'follow']))
    .option('--minimum-seats <n>', 'the fewest seats that may be set', seats)
    .option('--maximum-seats <n|none>', 'the most seats it may have', orNone(seats))
    .option('--included-seats <n>', 'seats that cost nothing', seats)
    .option('--minimum-quantity <n>', 'the least that Stripe bills', seats)
    .addOption(new Option('--increase-proration <behavior>', 'how more seats are prorated').choices(prorations))
    .addOption(new Option('--increase-payment <behavior>', 'whether they are paid first').choices(payments))
    .addOption(new Option('--decrease-proration <behavior>', 'how fewer seats are credited').choices(prorations))
    .addOption(new Option('--decrease-payment <behavior>', 'what an invoice of a decrease does').choices(payments))
    .addOption(new Option('--decrease-when <when>', 'when fewer seats take effect').choices(['now', 'period_end']))
    .option('--settle-ms <ms>', 'usage is billed together after this much quiet; 0: at once', hour)
    .option('--max-wait-ms <ms>', 'and at the latest after this', hour)
    .option('--seats-per-day <n|none>', 'more than this within 24 hours waits for an owner', orNone(seats))
    .option(
      '--amount-per-day <n|none>',
      'more recurring money than this, in the smallest unit, waits for an owner',
      orNone(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
    )
    .option(
      '--on-foreign-change <cause=answer>',
      'what is done about a change made elsewhere: adopt, revert or hold; may be repeated',
      causeAndAnswer,
    )
    .option('--reason <text>', 'why, for the audit trail; needed where something is changed')
    .addHelpText(
      'after',
      `
Without options the terms are shown. Only what is named is changed. Where the same seats are another quantity under the new
terms, Stripe is told at once, which may charge or credit the customer. Exits with 1 where the account is held afterwards.`,
    );
  withActor(command).action(async (organization: string, options: Options) => {
    const named = namedIn(options);
    if (named === null) return show(program, organization, options);
    if (options.reason === undefined) throw new UsageError('Say why with --reason; it goes into the audit trail.');
    const said = { reason: options.reason, actor: actorOf(options, io) };
    const { terms, seats: after } = await withSeatbelt(
      io,
      { stripe: 'required', verbose: options.verbose },
      async (seatbelt) => {
        await seatbelt.changeTerms(organization, await withAnswers(seatbelt, organization, named, options), said);
        return { terms: await termsOf(seatbelt, organization), seats: await seatbelt.seats(organization) };
      },
    );
    if (after.status === 'held') program.endWith(exitCodes.wrong);
    if (options.json) return printJson(io, { organization, terms, seats: after });
    await io.out(`The terms of ${organization} are changed.\n\n${termsText(terms)}`);
    await io.out(afterwards(organization, after));
  });
}

async function show({ io }: Program, organization: string, options: Options): Promise<void> {
  const terms = await withSeatbelt(io, { stripe: 'optional', verbose: options.verbose }, (seatbelt) =>
    termsOf(seatbelt, organization),
  );
  if (options.json) return printJson(io, { organization, terms });
  await io.out(termsText(terms));
}

async function termsOf(seatbelt: Seatbelt, organization: string): Promise<Terms> {
  return (await seatbelt.inspect(organization)).account.terms;
}

/** What became of the new terms at Stripe, where they bill another quantity. */
function afterwards(organization: string, { hold, pending }: SeatsBody): string {
  if (hold !== null) return `\n${organization} is held: ${hold.message}\n`;
  return pending === null ? '' : `\nA change is on its way; follow it with \`seatbelt explain ${organization}\`.\n`;
}

/** The terms that were named; null: none. */
function namedIn(options: Options): TermsInput | null {
  const { mode, minimumSeats, includedSeats, minimumQuantity, settleMs, maxWaitMs } = options;
  const increase = given({
    prorationBehavior: options.increaseProration,
    paymentBehavior: options.increasePayment,
  });
  const decrease = given({
    prorationBehavior: options.decreaseProration,
    paymentBehavior: options.decreasePayment,
    when: options.decreaseWhen,
  });
  const guard = given({ seatsPerDay: bound(options.seatsPerDay), amountPerDay: bound(options.amountPerDay) });
  const maximumSeats = bound(options.maximumSeats);
  const plain = given({ mode, minimumSeats, maximumSeats, includedSeats, minimumQuantity, settleMs, maxWaitMs });
  const answers = options.onForeignChange as TermsInput['onForeignChange'];
  return given({ ...plain, increase, decrease, guard, onForeignChange: answers }) ?? null;
}

/** What was said of it; undefined where nothing was. */
function given<T extends object>(fields: T): { [name in keyof T]?: Exclude<T[name], undefined> } | undefined {
  const said = Object.entries(fields).filter(([, value]) => value !== undefined);
  return said.length === 0
    ? undefined
    : (Object.fromEntries(said) as { [name in keyof T]?: Exclude<T[name], undefined> });
}

/** One answer is named at a time, and the others stay. */
async function withAnswers(
  seatbelt: Seatbelt,
  organization: string,
  named: TermsInput,
  { onForeignChange }: Options,
): Promise<TermsInput> {
  if (onForeignChange === undefined) return named;
  const present = (await termsOf(seatbelt, organization)).onForeignChange;
  return { ...named, onForeignChange: { ...present, ...(onForeignChange as Record<string, ForeignAnswer>) } };
}

/** The word stays a word until the terms are made of it: commander takes a null for a value that is missing. */
function orNone(parse: (text: string) => number): (text: string) => number | 'none' {
  return (text) => (text === 'none' ? text : parse(text));
}

function bound(value: number | 'none' | undefined): number | null | undefined {
  return value === 'none' ? null : value;
}

/** Which causes and answers there are is the engine's to say. */
function causeAndAnswer(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, cause, answer] = /^([a-z_]+)=([a-z]+)$/.exec(text) ?? [];
  if (cause === undefined || answer === undefined) {
    throw new InvalidArgumentError('It must look like portal=adopt.');
  }
  return { ...before, [cause]: answer };
}
