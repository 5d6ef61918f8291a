import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { Io } from './io.ts';

/** A parser of option values: whole numbers from `least` to `most`, and nothing that merely begins like one. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

/** Who acts, for the audit trail. */
export function withActor(command: Command): Command {
  return command.option('--actor <id>', 'who acts, for the audit trail (default: cli:<your user name>)');
}

export function actorOf(options: { readonly actor?: string }, io: Io): string {
  return options.actor ?? io.env.SEATBELT_ACTOR ?? `cli:${userName()}`;
}

function userName(): string {
  try {
    return userInfo().username;
  } catch (error) {
    // In a container the user may be a number without a name.
    if (error instanceof Error && 'code' in error) return String(process.getuid?.() ?? 'unknown');
    throw error;
  }
}
