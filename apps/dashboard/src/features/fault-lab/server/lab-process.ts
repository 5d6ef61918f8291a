import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { logger } from '#server/logger.ts';
import type { LabEvent } from '../contract.ts';

/** The program that tells stories, from the root of the repository. Installations without the sources have no lab. */
const program = ['packages', 'dev', 'src', 'fault-lab', 'run.ts'];
const leash = ['packages', 'dev', 'src', 'supervisor', 'leash.ts'];

/** Where the sources are, at or above the folder this server was started in; null: they are not here. */
export function repositoryRoot(): string | null {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(/* turbopackIgnore: true */ folder, ...program))) return folder;
    if (folder === dirname(folder)) return null;
  }
}

/**
 * Starts the lab's process for one story. What is killed in a story is a child of that process, never this server; and on
 * its leash that process ends when this server does.
 * @param onEvent told of each event in order; the last one is always `ended`.
 */
export function startLabProcess(root: string, story: string, onEvent: (event: LabEvent) => void): { stop(): void } {
  const began = performance.now();
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', join(/* turbopackIgnore: true */ root, ...leash), join(root, ...program), story],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  );
  let over = false;
  const tell = (event: LabEvent) => {
    if (over) return;
    over = event.is === 'ended';
    onEvent(event);
  };
  const endedBecause = (text: string) =>
    tell({
      is: 'ended',
      ok: false,
      title: 'The story could not be told to its end.',
      text,
      atMs: Math.round(performance.now() - began),
    });
  let complaint = '';
  if (child.stdout) createInterface({ input: child.stdout }).on('line', (line) => tell(JSON.parse(line) as LabEvent));
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4_000);
  });
  child.once('error', (error) => endedBecause(error.message));
  child.once('close', (code, signal) => {
    if (complaint !== '') logger.warn({ story, code, signal, complaint }, 'The fault lab complained.');
    endedBecause(signal === null && code !== 130 ? `Its process ended with code ${code}.` : 'It was stopped.');
  });
  return { stop: () => void child.kill('SIGTERM') };
}
