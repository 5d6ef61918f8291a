import type { Command } from 'commander';

/** Options that every command has. */
export interface CommonOptions {
  readonly json?: true;
  readonly verbose?: true;
}

/** A command with the options that every command has. */
export function defineCommand(parent: Command, nameAndArguments: string, description: string): Command {
  return parent
    .command(nameAndArguments)
    .description(description)
    .option('--json', 'print JSON and nothing else')
    .option('--verbose', 'print the stack of a failure, and what the engine warns about');
}
