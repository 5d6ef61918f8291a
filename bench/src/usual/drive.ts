import type { Customer } from '../lib/two-sides.ts';
import type { Job } from './child.ts';
import type { Answer, startServers } from './servers.ts';

export interface Told extends Answer {
  readonly organization: string;
}

/**
 * Sends `together` invites for each organization, one organization after another, with at most `atOnce` under way.
 * Those of one organization lie next to each other, so they meet, in one server and across servers.
 *
 * @param started called with the number of jobs begun so far, where faults hang on the progress of the run.
 */
export async function drive(
  servers: Awaited<ReturnType<typeof startServers>>,
  customers: readonly Customer[],
  load: { readonly together: number; readonly atOnce: number },
  started: (jobs: number) => void = () => {},
): Promise<{ answers: Told[]; tookMs: number }> {
  const jobs = customers.flatMap(({ organization }, index) =>
    Array.from({ length: load.together }, (_, nth): Job => {
      const id = index * load.together + nth;
      return { id, organization, person: `person_${id}@example.com` };
    }),
  );
  const answers: Told[] = [];
  const waiting = jobs.values();
  let begun = 0;
  const began = performance.now();
  await Promise.all(
    Array.from({ length: load.atOnce }, async () => {
      for (const job of waiting) {
        begun += 1;
        started(begun);
        answers.push({ ...(await servers.run(job)), organization: job.organization });
      }
    }),
  );
  return { answers, tookMs: performance.now() - began };
}
