import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { systemCode } from '../embedded-postgres/problem.ts';
import { identify, isSurelyRunning, type KernelProcess } from './kernel-process.ts';
import { StartProblem } from './start-problem.ts';
import { fileProblem, readJson, type StateDirectory, writeJson } from './state-directory.ts';

/** What a supervisor writes down about itself, so that another one can find it, or clear up after it. */
export type Running = { supervisor: KernelProcess | undefined; url: string; children: KernelProcess[] };

export function rememberRunning(state: StateDirectory, url: string, childIds: number[]): void {
  const children = childIds.map(identify).filter((each) => each !== undefined);
  const running: Running = { supervisor: identify(process.pid), url, children };
  writeJson(state.running, running);
}

export function forgetRunning(state: StateDirectory): void {
  try {
    // Removing needs no space on the disk, and may have been done already, with the whole folder.
    rmSync(state.running, { force: true });
  } catch (error) {
    throw fileProblem(state.running, error);
  }
}

export function readRunning(state: StateDirectory): Running | undefined {
  return readJson<Running | null>(state.running) ?? undefined;
}

/**
 * Ends the children of a supervisor that was killed, should they still be there (they end by themselves within seconds,
 * unless they are stopped or stuck). Returns how many there were. Whatever they had not finished is on disk as an intent.
 *
 * Where the system does not tell when a process began, nothing is signalled: its number may be a stranger's by now.
 *
 * @throws StartProblem where one may not be ended by this user.
 */
export async function endLeftChildren(state: StateDirectory): Promise<number> {
  const left = (readRunning(state)?.children ?? []).filter(isSurelyRunning);
  for (const { processId } of left) signal(processId, 'SIGTERM');
  const deadline = performance.now() + 6_000;
  while (left.some(isSurelyRunning)) {
    // There is no event for the end of a process that is not our child.
    await pause(50);
    if (performance.now() < deadline) continue;
    for (const each of left.filter(isSurelyRunning)) signal(each.processId, 'SIGKILL');
  }
  return left.length;
}

function signal(processId: number, name: NodeJS.Signals): void {
  try {
    process.kill(processId, name);
  } catch (error) {
    // It ended between the look and the signal.
    if (systemCode(error) === 'ESRCH') return;
    if (systemCode(error) !== 'EPERM') throw error;
    throw new StartProblem(
      'not_permitted',
      `Process ${processId}, which a killed start has left running, belongs to another user and cannot be ended by this one. End it as its owner or with sudo (kill ${processId}), and start again.`,
      { cause: error },
    );
  }
}
