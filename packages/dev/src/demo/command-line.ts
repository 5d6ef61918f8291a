import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { environmentWithOurTools, repositoryRoot } from '../repository.ts';

const program = join(repositoryRoot, 'packages', 'cli', 'src', 'bin.ts');

/** Runs `seatbelt <words>` as a person would, and gives what it printed and its exit code. */
export function commandLine(
  environment: NodeJS.ProcessEnv,
  words: string[],
  signal: AbortSignal,
): Promise<{ code: number | null; said: string; complained: string }> {
  const child = spawn(process.execPath, [program, ...words], {
    env: environmentWithOurTools(environment),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  let said = '';
  let complained = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complained += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said, complained }));
  });
}
