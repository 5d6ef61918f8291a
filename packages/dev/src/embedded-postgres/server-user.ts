import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { PostgresProblem } from './problem.ts';

/**
 * Whom the server runs as. PostgreSQL refuses to run as root, so a root process hands it to somebody else;
 * an ordinary user runs it as themselves and `ids` is empty. Spread `ids` into the options of `spawn`.
 */
export type ServerUser = { name: string; ids: { uid: number; gid: number } | Record<string, never> };

// `postgres` is there for this purpose where the distribution's package is installed. `nobody` is everywhere; we do not
// create a user on somebody's machine for a trial.
const candidates = ['postgres', 'nobody'];

/** Picks the user. `existingDataDir`, when it already exists, decides: its owner is the only one the server accepts. */
export function chooseServerUser(existingDataDir: string | undefined): ServerUser {
  if (process.getuid?.() !== 0) return { name: 'you', ids: {} };

  const accounts = readAccounts();
  if (existingDataDir !== undefined) {
    const owner = statSync(existingDataDir);
    if (owner.uid !== 0) {
      const name = accounts.find((account) => account.uid === owner.uid)?.name ?? `user ${owner.uid}`;
      return checked({ name, ids: { uid: owner.uid, gid: owner.gid } });
    }
  }
  for (const name of candidates) {
    const account = accounts.find((each) => each.name === name);
    if (account !== undefined) return checked({ name, ids: { uid: account.uid, gid: account.gid } });
  }
  throw new PostgresProblem(
    'cannot_demote',
    'PostgreSQL refuses to run as root, and this machine has neither a user "postgres" nor a user "nobody" to run it as. Run this command as an ordinary user.',
  );
}

/** Whether that user can do this (a flag of test(1): -r, -x, -w) with the path, whatever stands in the way. */
export function userCan(user: ServerUser, flag: '-r' | '-x' | '-w', path: string): boolean {
  return spawnSync('test', [flag, path], { ...user.ids, stdio: 'ignore' }).status === 0;
}

/** A container may forbid a root process to become somebody else; better to hear it here than from initdb. */
function checked(user: ServerUser): ServerUser {
  const trial = spawnSync('true', { ...user.ids, stdio: 'ignore' });
  if (trial.error === undefined) return user;
  throw new PostgresProblem(
    'cannot_demote',
    `PostgreSQL refuses to run as root, and this machine does not let root start a program as ${user.name}. Run this command as an ordinary user.`,
    { cause: trial.error },
  );
}

function readAccounts(): { name: string; uid: number; gid: number }[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}
