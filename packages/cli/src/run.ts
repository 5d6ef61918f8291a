import manifest from '@seatbelt/cli/package.json' with { type: 'json' };
import { Command, CommanderError } from 'commander';
import { approveCommand } from './commands/approve.ts';
import { auditCommand } from './commands/audit.ts';
import { cancelCommand } from './commands/cancel.ts';
import { changesCommand } from './commands/changes.ts';
import { doctorCommand } from './commands/doctor.ts';
import { explainCommand } from './commands/explain.ts';
import { linkCommand } from './commands/link.ts';
import { migrateCommand } from './commands/migrate.ts';
import { pauseCommand } from './commands/pause.ts';
import { resolveCommand } from './commands/resolve.ts';
import { resumeCommand } from './commands/resume.ts';
import { statusCommand } from './commands/status.ts';
import { sweepCommand } from './commands/sweep.ts';
import { termsCommand } from './commands/terms.ts';
import { workerCommand } from './commands/worker.ts';
import { type ExitCode, exitCodes, type Io } from './io.ts';
import { problemOf, problemText } from './problem.ts';

/** What a command is registered with. */
export interface Program {
  readonly io: Io;
  readonly commander: Command;
  /** How the process ends when the command itself did not fail. */
  endWith(code: ExitCode): void;
}

/** In the order in which somebody needs them. */
const commands = [
  migrateCommand,
  linkCommand,
  workerCommand,
  sweepCommand,
  statusCommand,
  explainCommand,
  changesCommand,
  cancelCommand,
  approveCommand,
  pauseCommand,
  resumeCommand,
  resolveCommand,
  termsCommand,
  auditCommand,
  doctorCommand,
];

/** Runs one command line and says how the process is to end. Never throws: every failure becomes a sentence with a code. */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.ok;
  // Also where the command line itself is wrong, and nothing of it is parsed.
  const json = args.includes('--json');
  const commander = new Command('seatbelt')
    .description('Seat counts in Postgres and in Stripe that cannot drift apart.')
    .version(manifest.version)
    .configureOutput({
      writeOut: (text) => void io.out(text),
      // With --json the sentence comes as JSON, below; commander's own line would be a second answer.
      writeErr: (text) => (json ? undefined : io.err(text)),
    })
    .addHelpText('after', helpAfter)
    .exitOverride()
    .showHelpAfterError('(add --help for what there is)');
  const program: Program = {
    io,
    commander,
    endWith(code) {
      exitCode = code;
    },
  };
  for (const register of commands) register(program);

  try {
    await commander.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return endOfCommandLine(error, json, io);
    const problem = problemOf(error);
    io.err(problemText(problem, { json, verbose: args.includes('--verbose'), error }));
    return problem.exitCode;
  }
}

/** Help is an answer; everything else commander throws is a command line that it could not read. */
function endOfCommandLine(error: CommanderError, json: boolean, io: Io): ExitCode {
  if (error.exitCode === 0) return exitCodes.ok;
  if (json) {
    const message =
      error.code === 'commander.help'
        ? 'A command is missing.'
        : error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    io.err(`${JSON.stringify({ error: { code: 'usage', message } })}\n`);
  }
  return exitCodes.setup;
}

const helpAfter = `
Environment:
  DATABASE_URL           the database (postgres://…); every command needs it
  STRIPE_SECRET_KEY      a secret or restricted key; needed where Stripe is read or written
  STRIPE_API_BASE        where Stripe is: https://api.stripe.com (the default), or an address of this machine
  STRIPE_WEBHOOK_SECRET  checked by doctor
  SENTRY_DSN             where the worker's alerts go, besides its log
  LOG_LEVEL              what the worker logs (info)
  SEATBELT_ENVIRONMENT   which installation this is (production)

Exit codes: 0 all is well, 1 something is wrong and a person is needed, 2 the command line or the set-up is not right.`;
