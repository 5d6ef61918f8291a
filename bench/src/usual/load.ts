import type { BenchServer } from '../lib/bench-server.ts';
import { median, percentile, round } from '../lib/figures.ts';
import { twoSides } from '../lib/two-sides.ts';
import { drive } from './drive.ts';
import { type ProgramName, programNames } from './programs.ts';
import { startServers } from './servers.ts';
import { createUsualSchema, databaseSeats, handOver } from './set-up.ts';

export interface LoadSize {
  readonly server: BenchServer;
  readonly organizations: number;
  readonly rounds: number;
  readonly stripeMs: number;
  readonly atOnce: number;
  /** Server processes of the program. */
  readonly processes: number;
}

/** `alone`: one invite for each organization. `together`: four at once for each. */
const shapes = { alone: 1, together: 4 } as const;
type Shape = keyof typeof shapes;

/** Organizations that are served before anything is measured. */
const warmUp = 20;

export interface LoadFigures {
  readonly program: ProgramName;
  readonly shape: Shape;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly perSecond: number;
  readonly stripeCallsPerInvite: number;
  /** Organizations, of one round and without any fault, of which database and Stripe say different numbers. */
  readonly disagreeing: number;
}

/** The same load on each program, no faults: several server processes, a Stripe that takes its time. Programs take turns. */
export async function loadWithoutFaults(size: LoadSize, tell: (sentence: string) => void): Promise<LoadFigures[]> {
  const measured: LoadFigures[] = [];
  for (let index = 0; index < size.rounds; index += 1) {
    for (const program of programNames) {
      tell(`usual version, without faults: round ${index + 1} of ${size.rounds}, ${program}`);
      await using place = await twoSides({
        server: size.server,
        organizations: warmUp + size.organizations * 2,
        seats: 10,
        stripeMs: size.stripeMs,
      });
      await createUsualSchema(place);
      await handOver(place, program, place.customers);
      const servers = await startServers(
        { name: program, databaseUrl: place.url, stripePort: place.sim.port, waitMs: 10_000 },
        size.processes,
      );
      try {
        // Connections, plans and the JIT of a server that has just started are not what is compared.
        await drive(servers, place.customers.slice(0, warmUp), { together: 4, atOnce: size.atOnce });
        for (const [nth, shape] of (['alone', 'together'] as const).entries()) {
          const customers = place.customers
            .slice(warmUp)
            .slice(nth * size.organizations, (nth + 1) * size.organizations);
          const callsBefore = place.stripeWrites();
          const { answers, tookMs } = await drive(servers, customers, {
            together: shapes[shape],
            atOnce: size.atOnce,
          });
          const times = answers.map(({ ms }) => ms);
          const seats = await databaseSeats(place, program);
          const billed = place.stripeQuantities();
          const differs = customers.filter(
            ({ organization, item }) => seats.get(organization)?.seats !== billed.get(item),
          );
          measured.push({
            program,
            shape,
            p50Ms: percentile(times, 0.5),
            p99Ms: percentile(times, 0.99),
            perSecond: answers.length / (tookMs / 1_000),
            stripeCallsPerInvite: (place.stripeWrites() - callsBefore) / answers.length,
            disagreeing: differs.length,
          });
        }
      } finally {
        await servers.close();
      }
    }
  }
  return programNames.flatMap((program) =>
    (['alone', 'together'] as const).map((shape): LoadFigures => {
      const rounds = measured.filter((figures) => figures.program === program && figures.shape === shape);
      const middle = (read: (figures: LoadFigures) => number, digits: number) =>
        round(median(rounds.map(read)), digits);
      return {
        program,
        shape,
        p50Ms: middle(({ p50Ms }) => p50Ms, 0),
        p99Ms: middle(({ p99Ms }) => p99Ms, 0),
        perSecond: middle(({ perSecond }) => perSecond, 0),
        stripeCallsPerInvite: middle((figures) => figures.stripeCallsPerInvite, 2),
        disagreeing: middle(({ disagreeing }) => disagreeing, 0),
      };
    }),
  );
}
