/** A part that fails after one of its processes has said why, for the test of the gate. */
import type { Part } from '../../src/gate/part.ts';

export const breaking: Part = {
  name: 'breaking',
  title: 'breaks',
  run: async () => {
    process.stderr.write('the disk is full\n');
    throw new Error('A process ended by itself with 1.');
  },
};
