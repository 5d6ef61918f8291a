import { join } from 'node:path';

/** The folder of the checkout that this file is in. */
export const repositoryRoot: string = join(import.meta.dirname, '../../..');

/**
 * The environment for programs of this repository: our own tools come first, so that `node` means the Node 24 that
 * npm installed, whatever the machine has.
 */
export function environmentWithOurTools(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const tools = join(repositoryRoot, 'node_modules', '.bin');
  return { ...environment, PATH: `${tools}:${environment.PATH ?? ''}` };
}
