import pg from 'pg';
import Stripe from 'stripe';
import {
  CommandDropped,
  createSeatbelt,
  DatabaseUnavailable,
  OutcomeUnknown,
  type Seatbelt,
  SeatRefused,
} from '../../../packages/engine/src/index.ts';
import { inviteMember } from '../usual-version/invite-member.ts';

/** The usual program as it is mostly found, the same with the row locked, and Seatbelt. */
export const programNames = ['usual', 'usual, row locked', 'Seatbelt'] as const;
export type ProgramName = (typeof programNames)[number];

/** What the person who clicked was told. `unknown`: "we do not know yet, look here". */
export type Told = 'success' | 'failure' | 'unknown';

/** One more person for an organization, by whichever program. */
export interface Program {
  invite(organization: string, person: string): Promise<Told>;
  close(): Promise<void>;
}

export interface ProgramSettings {
  readonly name: ProgramName;
  readonly databaseUrl: string;
  readonly stripePort: number;
  /** How long Seatbelt lets a caller wait before it says "not known yet". The usual program waits for the SDK. */
  readonly waitMs: number;
}

/** Each with the defaults of its libraries: the SDK's two retries, unnamed statements, twenty connections. */
export function startProgram(settings: ProgramSettings): Program {
  const stripe = new Stripe('sk_test_bench', { host: '127.0.0.1', port: settings.stripePort, protocol: 'http' });
  const db = new pg.Pool({ connectionString: settings.databaseUrl, max: 20 });
  // A cut idle connection is replaced at the next query. Without a listener it would end the process.
  db.on('error', () => undefined);
  if (settings.name === 'Seatbelt') return seatbeltProgram(db, stripe, settings.waitMs);
  const app = { db, stripe, lockRow: settings.name === 'usual, row locked' };
  return {
    async invite(organization, person) {
      try {
        await inviteMember(app, organization, person);
        return 'success';
      } catch (error) {
        // Every error is shown as "that did not work", which is what a route handler does with it.
        return error instanceof Error ? 'failure' : Promise.reject(error);
      }
    },
    close: () => db.end(),
  };
}

function seatbeltProgram(db: pg.Pool, stripe: Stripe, waitMs: number): Program {
  const seatbelt = createSeatbelt({ db, stripe, environment: 'bench' });
  return {
    invite: (organization, person) => inviteBySeatbelt(seatbelt, organization, person, waitMs),
    async close() {
      await seatbelt.close();
      await db.end();
    },
  };
}

async function inviteBySeatbelt(
  seatbelt: Seatbelt,
  organization: string,
  person: string,
  waitMs: number,
): Promise<Told> {
  try {
    const { success } = await seatbelt.add(organization, 1, { holders: [person], reserve: true, waitMs });
    if (success === null) return 'unknown';
    return success ? 'success' : 'failure';
  } catch (error) {
    if (error instanceof OutcomeUnknown) return 'unknown';
    // In all three nothing was written and Stripe was not called.
    const nothingDone = [SeatRefused, DatabaseUnavailable, CommandDropped].some((kind) => error instanceof kind);
    if (nothingDone) return 'failure';
    throw error;
  }
}
