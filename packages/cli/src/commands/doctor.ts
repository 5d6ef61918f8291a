import { readDatabaseUrl, readStripe, SetupError, type StripeEnvironment } from 'seatbelt/environment';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { checkDatabase } from '../doctor/check-database.ts';
import { checkEnvironment } from '../doctor/check-environment.ts';
import { checkOperation } from '../doctor/check-operation.ts';
import { checkStripe, livemodeOf } from '../doctor/check-stripe.ts';
import type { Finding } from '../doctor/finding.ts';
import { exitCodes, type Io } from '../io.ts';
import { printJson } from '../output/json.ts';
import type { Program } from '../run.ts';
import { withSeatbelt } from '../with-seatbelt.ts';

/** `seatbelt doctor`: is everything set up so that the promises hold? What it writes, to see that a commit goes through, it leaves nowhere. */
export function doctorCommand(program: Program): void {
  const { commander, io } = program;
  defineCommand(commander, 'doctor', 'check environment, database, Stripe and worker; each line says what to do next')
    .addHelpText(
      'after',
      '\nChanges nothing: one write is tried, and is gone again. Exits with 1 when a line says fail; warnings do not change the exit code.',
    )
    .action(async (options: CommonOptions) => {
      const findings = await examine(io, options.verbose === true);
      const count = (verdict: Finding['verdict']) => findings.filter((finding) => finding.verdict === verdict).length;
      if (count('fail') > 0) program.endWith(exitCodes.wrong);
      if (options.json) {
        return printJson(io, { ok: count('ok'), warn: count('warn'), fail: count('fail'), findings });
      }
      for (const finding of findings) await io.out(findingText(finding));
      await io.out(`${count('ok')} ok, ${count('warn')} to look at, ${count('fail')} wrong.\n`);
    });
}

/** Everything that can be checked; what depends on something that is missing is left out, for its fault is told already. */
async function examine(io: Io, verbose: boolean): Promise<Finding[]> {
  const findings = checkEnvironment(io);
  const databaseUrl = unlessRefused(() => readDatabaseUrl(io.env));
  const stripe = unlessRefused(() => readStripe(io.env));
  const [database, atStripe] = await Promise.all([
    databaseUrl === null ? null : checkDatabase(databaseUrl),
    stripe === null ? [] : checkStripe(stripe),
  ]);
  findings.push(...(database?.findings ?? []), ...atStripe);
  if (database?.usable) findings.push(...(await examineOperation(io, stripe, verbose)));
  return findings;
}

async function examineOperation(io: Io, stripe: StripeEnvironment | null, verbose: boolean): Promise<Finding[]> {
  // Without the key's variables the tables can be read all the same.
  const env = stripe === null ? { ...io.env, STRIPE_SECRET_KEY: undefined, STRIPE_API_BASE: undefined } : io.env;
  return withSeatbelt({ ...io, env }, { stripe: 'optional', verbose }, async (seatbelt) =>
    checkOperation(await seatbelt.overview(), await seatbelt.duties(), await seatbelt.stripeRate(), {
      environment: io.env.SEATBELT_ENVIRONMENT ?? 'production',
      livemode: stripe === null ? null : livemodeOf(stripe),
    }),
  );
}

/** A value that is refused was told as a finding of its own. */
function unlessRefused<T>(read: () => T | null): T | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof SetupError) return null;
    throw error;
  }
}

const marks = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL' } as const;

function findingText({ check, verdict, message, next }: Finding): string {
  return `${marks[verdict]}  ${check.padEnd(22)} ${message}\n${next === null ? '' : `${' '.repeat(29)}→ ${next}\n`}`;
}
