/** A part that goes on until it is told to stop, for the test of the gate. */
import type { Part } from '../../src/gate/part.ts';

export const waiting: Part = {
  name: 'waiting',
  title: 'waits to be stopped',
  run: ({ signal }) =>
    new Promise((resolve) => {
      // Something has to keep the process alive, as a worker or a server would.
      const alive = setInterval(() => {}, 60_000);
      const stop = () => {
        clearInterval(alive);
        resolve({ goals: [], violations: [], faults: 0, data: {} });
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop, { once: true });
    }),
};
