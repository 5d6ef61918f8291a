import { join } from 'node:path';
import { compileCacheFolder } from './compile-cache.ts';

/** The folder of the checkout that this file is in. */
export const repositoryRoot: string = join(import.meta.dirname, '../../..');

/**
 * The environment for programs of this repository: our own tools come first, so that `node` means the Node 24 that
 * npm installed, whatever the machine has. What one of them has compiled the next one takes from where it is kept.
 */
export function environmentWithOurTools(environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const tools = join(repositoryRoot, 'node_modules', '.bin');
  const compiled = environment.NODE_COMPILE_CACHE || compileCacheFolder();
  return {
    ...environment,
    PATH: `${tools}:${environment.PATH ?? ''}`,
    ...(compiled === undefined ? {} : { NODE_COMPILE_CACHE: compiled }),
  };
}
