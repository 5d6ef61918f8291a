/**
 * Ends what a proof that was killed has left. It reads `+pid` and `-pid` from standard input; when that ends, the proof
 * is gone, and every process that is still named gets SIGKILL, frozen ones too, which no pipe of their own would wake.
 */
import { createInterface } from 'node:readline';

const named = new Set<number>();
// Ctrl-C in a terminal reaches the whole group; the guard has to be the last one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1));
  if (!Number.isSafeInteger(pid) || pid <= 1) continue;
  if (line.startsWith('+')) named.add(pid);
  else named.delete(pid);
}
for (const pid of named) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
