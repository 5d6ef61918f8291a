import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Advancer } from '../../../packages/engine/src/advance.ts';
import { defaultTerms } from '../../../packages/engine/src/core/terms.ts';
import type { Answer, OpenPush, SeatRequest, StripeLink } from '../../../packages/engine/src/core/types.ts';
import { type Database, databaseOf } from '../../../packages/engine/src/db/executor.ts';
import { createAccount } from '../../../packages/engine/src/store/link-account.ts';
import { postgresStore } from '../../../packages/engine/src/store/postgres-store.ts';
import { type BenchServer, benchServer } from './bench-server.ts';

/**
 * A database with as many linked organizations as asked for.
 *
 * @param links of `org_0`, `org_1` and so on, where Stripe is to be called; otherwise they are linked to nothing that exists.
 */
export async function ground(organizations: number, which: BenchServer, links: readonly StripeLink[] = []) {
  const server = await benchServer(which);
  const pool = new pg.Pool({ connectionString: server.url, max: 20 });
  // The server is taken away at the end while connections are still idle.
  pool.on('error', () => undefined);
  const database = databaseOf(pool, { prepare: true });
  const keys = Array.from({ length: organizations }, (_, index) => ({
    organization: `org_${index}`,
    seatType: 'seat',
  }));
  for (const [index, key] of keys.entries()) {
    await createAccount(database, key, {
      link: links[index] ?? {
        customer: `cus_${key.organization}`,
        subscription: `sub_${key.organization}`,
        item: `si_${key.organization}`,
      },
      terms: defaultTerms,
      seats: 10,
      anonymousAssigned: 7,
      holders: [],
      actor: 'bench',
      reason: null,
      now: Date.now(),
    });
  }
  // The first look is not what is measured.
  await pool.query('update seatbelt.accounts set next_look_at = null, due_at = null');
  return {
    url: server.url,
    keys,
    pool,
    database,
    /**
     * As if an hour had passed: who is changed this often would otherwise wait for Stripe's hourly limit. Only these
     * organizations: a history of a million others would be rewritten in the middle of what is measured.
     */
    async forgetQuotas() {
      await pool.query(
        `update seatbelt.accounts set quota_used = '{"updates": [], "invoices": []}', version = version + 1
          where organization_id = any ($1)`,
        [keys.map(({ organization }) => organization)],
      );
    },
    /** @throws where a change that was measured is still open: then something else was measured. */
    async nothingIsOpen() {
      const { rows } = await pool.query<{ open: string }>(
        `select count(*) as open from seatbelt.seat_changes where ended_at is null`,
      );
      if (rows[0]?.open !== '0') throw new Error(`${rows[0]?.open} changes are open that should have been made.`);
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
      await server.remove();
    },
  };
}

export type Ground = Awaited<ReturnType<typeof ground>>;

/** The engine's own inside, with a Stripe that says yes at once: what is left is what Seatbelt costs. */
export function engineWithoutStripe(database: Database, sent: (push: OpenPush) => void = () => {}): Advancer {
  const logger = { debug() {}, info() {}, warn() {}, error() {}, fatal() {} };
  return new Advancer({
    store: postgresStore(database),
    stripe: {
      send: async (push: OpenPush): Promise<Answer> => {
        sent(push);
        return {
          kind: 'success',
          expectedObject: true,
          quantity: push.target.quantity,
          pendingUpdate: null,
          replayed: false,
          observation: null,
          requestId: 'req_bench',
        };
      },
      look: () => Promise.reject(new Error('The benchmark never looks.')),
      voidInvoice: () => Promise.reject(new Error('The benchmark never voids.')),
    },
    alerts: {
      raise() {},
      resolved() {},
      pending: () => 0,
      deliver: async () => ({ delivered: 0, left: 0 }),
      close: async () => {},
    },
    logger,
    newId: randomUUID,
    monotonicNow: () => performance.now(),
    pause: () => Promise.resolve(),
    closing: () => false,
    committed() {},
  });
}

/** One change from request to applied. */
export async function changeOnce(
  advancer: Advancer,
  key: { organization: string; seatType: string },
  seats: number,
): Promise<void> {
  const settled = await advancer.lane(key).request(newChange(seats));
  await advancer.act(key, settled);
}

/** A request of the owner's door, with ids of its own. */
export function newChange(seats: number): SeatRequest {
  return { type: 'set', seats, changeId: randomUUID(), idempotencyKey: randomUUID(), actor: 'bench', reason: null };
}
