/** A part that misses one goal and meets another, for the test of the gate. */
import type { Part } from '../../src/gate/part.ts';

export const missingGoal: Part = {
  name: 'missing-goal',
  title: 'misses a goal',
  run: async ({ progress }) => {
    progress({ done: 2, total: 2, faults: 5 });
    return {
      goals: [
        { title: 'kills', wanted: '>= 250', got: '2', met: false },
        { title: 'divergence', wanted: '0', got: '0', met: true },
      ],
      violations: [],
      faults: 5,
      data: {
        matrix: {
          kind: 'heatmap',
          title: 'A matrix',
          rows: ['crash'],
          columns: ['held', 'ended'],
          cells: [[7, 0]],
          impossible: { 'crash x ended': 'nothing is sent <then>' },
          wanted: 100,
        },
        recovery: { kind: 'distribution', title: 'Recovery', unit: 'ms', values: [1, 2, 3, 500] },
      },
    };
  },
};
