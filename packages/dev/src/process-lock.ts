import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemCode } from './embedded-postgres/problem.ts';

/** Held until `release`, or until this process ends in any way, kill -9 included. */
export type ProcessLock = { release(): Promise<void> };

/**
 * Takes the lock called `name` for this process, or returns undefined when another process of this user has it.
 *
 * The lock is a listening local socket, because the kernel closes it with the process: a lock file survives a kill -9
 * and has to be guessed about, and process ids are reused (in a container within seconds). On Linux the socket has an
 * abstract name, so there is not even a file to clean up.
 */
export async function takeLock(name: string): Promise<ProcessLock | undefined> {
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 24);
  // Not userInfo(), which fails where /etc/passwd has no name for the number: in a container that runs as any.
  const label = `seatbelt-${process.getuid?.() ?? -1}-${digest}`;
  if (process.platform === 'linux') return await listenAsLock(`\0${label}`);

  const path = join(tmpdir(), `${label}.sock`);
  const lock = await listenAsLock(path);
  if (lock !== undefined || (await someoneListens(path))) return lock;
  // A socket file that nobody answers on was left by a killed process.
  await unlink(path).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
  return await listenAsLock(path);
}

function listenAsLock(path: string): Promise<ProcessLock | undefined> {
  return new Promise((resolve, reject) => {
    const server: Server = createServer((socket) => socket.destroy());
    server.once('error', (error) => {
      if (systemCode(error) === 'EADDRINUSE') resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => {
      // Holding a lock is no reason for a process to stay alive.
      server.unref();
      resolve({ release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}

function someoneListens(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
