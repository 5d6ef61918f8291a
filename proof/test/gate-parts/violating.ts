/** A part that finds a violation at once, for the test of the gate. */
import type { Part } from '../../src/gate/part.ts';

export const violating: Part = {
  name: 'violating',
  title: 'finds a violation',
  run: async () => ({
    goals: [],
    violations: [
      {
        guarantee: 'G5',
        message: 'seed 7: Stripe bills 8, settled are 5',
        replay: 'node proof/src/replay.ts 7',
        timeline: ['first', 'then'],
      },
    ],
    faults: 3,
    data: {},
  }),
};
