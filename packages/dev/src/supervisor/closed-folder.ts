import { chmodSync, readdirSync, statSync } from 'node:fs';
import { systemCode } from '../embedded-postgres/problem.ts';

/** What others may not do. Root's PostgreSQL runs as another user who has to pass through, so passing is left to others there. */
function forbidden(): number {
  return process.getuid?.() === 0 ? 0o066 : 0o077;
}

/** The mode of a folder that is made for secrets. */
export function closedMode(): number {
  return 0o777 & ~forbidden();
}

/**
 * Takes from others what they may do with a folder that an older version left open. Only where it is ours and nothing is
 * in it but what `ours` names: people also name folders that they share, /tmp among them.
 */
export function closeToOthers(folder: string, ours: RegExp): void {
  const { uid, mode } = statSync(folder);
  const everybodys = (mode & 0o1000) !== 0;
  if (uid !== process.getuid?.() || everybodys || !readdirSync(folder).every((name) => ours.test(name))) return;
  try {
    chmodSync(folder, mode & ~forbidden());
  } catch (error) {
    // A file system that knows no modes shows the same one for everything, and a trial runs on it as it did.
    if (!['EPERM', 'ENOTSUP'].includes(systemCode(error) ?? '')) throw error;
  }
}
