import { setTimeout as pause } from 'node:timers/promises';
import { identify, isRunning, type KernelProcess } from './kernel-process.ts';
import { readJson, type StateDirectory, writeJson } from './state-directory.ts';

/** What a supervisor writes down about itself, so that another one can find it, or clear up after it. */
export type Running = { supervisor: KernelProcess | undefined; url: string; children: KernelProcess[] };

export function rememberRunning(state: StateDirectory, url: string, childIds: number[]): void {
  const children = childIds.map(identify).filter((each) => each !== undefined);
  const running: Running = { supervisor: identify(process.pid), url, children };
  writeJson(state.running, running);
}

export function forgetRunning(state: StateDirectory): void {
  writeJson(state.running, null);
}

export function readRunning(state: StateDirectory): Running | undefined {
  return readJson<Running | null>(state.running) ?? undefined;
}

/**
 * Ends the children of a supervisor that was killed, should they still be there (they end by themselves within seconds,
 * unless they are stopped or stuck). Returns how many there were. Whatever they had not finished is on disk as an intent.
 */
export async function endLeftChildren(state: StateDirectory): Promise<number> {
  const left = (readRunning(state)?.children ?? []).filter(isRunning);
  for (const { processId } of left) process.kill(processId, 'SIGTERM');
  const deadline = performance.now() + 6_000;
  while (left.some(isRunning)) {
    // There is no event for the end of a process that is not our child.
    await pause(50);
    if (performance.now() < deadline) continue;
    for (const each of left.filter(isRunning)) process.kill(each.processId, 'SIGKILL');
  }
  return left.length;
}
