import { Socket } from 'node:net';

/**
 * Loaded before the program of each child (`node --import`). File descriptor 3 is a pipe whose other end the supervisor
 * holds; the kernel closes it when the supervisor ends, a kill -9 included, and then nobody needs this child any more.
 */
const leash = new Socket({ fd: 3, readable: true, writable: false });

// The child may take this long to finish what it is doing; whatever is cut off is picked up by the next start.
const graceMs = 5_000;

leash.on('close', () => {
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), graceMs).unref();
});
leash.on('error', () => leash.destroy());
leash.resume();
// Being on the leash is no reason for a child to stay alive.
leash.unref();
