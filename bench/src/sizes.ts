/**
 * `full` is what is published: a quarter of an hour on two cores, and an hour of memory where it is asked for. `quick`
 * shows in seconds that each measurement works; its figures say nothing.
 */
export const sizes = {
  full: {
    overhead: { server: 'own', changes: 2_000, pgbenchSeconds: 4 },
    throughput: { server: 'own', rounds: 5, seconds: 5, organizations: 1_008 },
    burst: { server: 'own', callers: 1_000, rounds: 5 },
    usual: {
      load: { server: 'own', organizations: 150, rounds: 3, stripeMs: 100, atOnce: 24, processes: 2 },
      faults: {
        server: 'own',
        organizations: 200,
        stripeMs: 100,
        atOnce: 24,
        seed: 20_261_122,
        share: 0.4,
        kills: 4,
        connectionCuts: 8,
        waitMs: 2_000,
        heal: 'real',
      },
    },
    recovery: { server: 'own', changes: 10_000, requestsPerSecond: 100, stripeMs: 100 },
    history: {
      server: 'own',
      rounds: 3,
      times: 400,
      history: { organizations: 1_000_000, changes: 1_000_000, ofOne: 100_000 },
    },
    // `--minutes 60` makes it the hour that a slow leak needs. The simulator keeps all that it was ever told, some 7 KB a change,
    // so the load is what 1,600 organizations may do in an hour: 240,000 changes.
    memory: { server: 'own', organizations: 1_600, clients: 8, seconds: 300, samples: 30 },
    dbos: { server: 'own', rounds: 3, changes: 300, seconds: 3 },
  },
  quick: {
    overhead: { server: 'shared', changes: 50, pgbenchSeconds: 1 },
    throughput: { server: 'shared', rounds: 1, seconds: 1, organizations: 32 },
    burst: { server: 'shared', callers: 100, rounds: 1 },
    usual: {
      load: { server: 'shared', organizations: 4, rounds: 1, stripeMs: 5, atOnce: 8, processes: 1 },
      faults: {
        server: 'shared',
        organizations: 12,
        stripeMs: 5,
        atOnce: 8,
        seed: 7,
        share: 0.6,
        kills: 1,
        connectionCuts: 2,
        waitMs: 300,
        heal: 'shifted',
      },
    },
    recovery: { server: 'shared', changes: 20, requestsPerSecond: 100, stripeMs: 5 },
    history: { server: 'shared', rounds: 1, times: 20, history: { organizations: 400, changes: 400, ofOne: 100 } },
    memory: { server: 'shared', organizations: 20, clients: 4, seconds: 3, samples: 6 },
    dbos: { server: 'shared', rounds: 1, changes: 10, seconds: 0.2 },
  },
} as const;
