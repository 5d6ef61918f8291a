import type { HealthBody } from './contract.ts';
import { jsonResponse } from './problem.ts';
import type { DoorContext, Handler } from './served.ts';

/** /api/health: open to everybody, so it says four words and when each duty last succeeded, and nothing else. 503 takes this process out of the load balancer. */
export function healthRoutes(context: Pick<DoorContext, 'seatbelt' | 'logger'>): { GET: Handler } {
  return {
    GET: async () => {
      const { status, database, stripe, worker, duties } = await healthOf(context);
      return jsonResponse(status === 'down' ? 503 : 200, {
        status,
        database,
        stripe,
        worker,
        ...(duties ? { duties } : {}),
      });
    },
  };
}

async function healthOf({ seatbelt, logger }: Pick<DoorContext, 'seatbelt' | 'logger'>): Promise<HealthBody> {
  try {
    return await seatbelt.health();
  } catch (error) {
    logger.error({ err: error }, 'Health could not be found out.');
    return { status: 'down', database: 'down', stripe: 'unknown', worker: 'unknown' };
  }
}
