/** The engine's store on a real PostgreSQL, with the statements that live beside it. */
import { testDatabase } from '@seatbelt/dev/test-database';
import pg from 'pg';
import type { HostEvent } from '../../../packages/engine/src/core/types.ts';
import { databaseOf, type Row } from '../../../packages/engine/src/db/executor.ts';
import { markHostEventsDelivered, takeHostEvents } from '../../../packages/engine/src/store/host-events.ts';
import { markAlerted, readUnalerted } from '../../../packages/engine/src/store/incidents.ts';
import { pauseInstallation, readOrClaimInstallation } from '../../../packages/engine/src/store/installation.ts';
import { markAccount, receiveEvent } from '../../../packages/engine/src/store/marks.ts';
import { postgresStore } from '../../../packages/engine/src/store/postgres-store.ts';
import { readQuote, storeQuote } from '../../../packages/engine/src/store/quotes.ts';
import {
  accountFromRow,
  changeFromRow,
  holderFromRow,
  incidentFromRow,
} from '../../../packages/engine/src/store/rows.ts';
import type { AccountKey } from '../../../packages/engine/src/store/store.ts';
import { slowDown, takeTurns } from '../../../packages/engine/src/store/stripe-rate.ts';
import { entryFromRow, insertAccount, textOrNull } from '../real-database/behind.ts';
import { emptyEverything, migrateUnderVirtualClock } from '../real-database/virtual-clock.ts';
import { byText, type Everything, type PushRow, type Subject } from './subject.ts';

export async function postgresSubject(version: 15 | 18, beganAt: number): Promise<Subject> {
  const home = await testDatabase({ version, template: 'empty' });
  await migrateUnderVirtualClock(home.url, 'row', beganAt);
  const database = databaseOf(home.url, { maxConnections: 4 });
  const behind = new pg.Pool({ connectionString: home.url, max: 2 });
  // A connection that breaks while nobody uses it is told to whoever asks next.
  behind.on('error', () => undefined);
  let now = beganAt;
  const setClock = async (to: number) => {
    now = to;
    await behind.query('update proof_clock.time set now = $1', [new Date(to).toISOString()]);
  };

  return {
    name: `PostgreSQL ${version}`,
    store: postgresStore(database),
    now: () => now,
    pass: (ms) => setClock(now + ms),
    create: (account, holders = []) => insertAccount(behind, account, holders),
    mark: async (key) => void (await markAccount(database, key.organization, key.seatType)),
    receive: (event) => receiveEvent(database, event, { onlyNew: false, noteUnlinked: false }),
    async pauseInstallation(reason) {
      await readOrClaimInstallation(database, 'proof', false);
      await pauseInstallation(database, { paused: reason !== null, actor: 'proof', reason: reason });
    },
    takeHostEvents: (types, limit, retryAfterMs) => takeHostEvents(database, types, limit, retryAfterMs),
    delivered: (ids) => markHostEventsDelivered(database, ids),
    storeQuote: (key, quote) => storeQuote(database, key, quote),
    readQuote: (key, id) => readQuote(database, key, id),
    unalerted: (limit) => readUnalerted(database, limit),
    alerted: (ids) => markAlerted(database, ids),
    takeTurns: (wanted) => takeTurns(database, wanted),
    slowDown: (by, least, recoversPerSecond) => slowDown(database, by, least, recoversPerSecond),
    async views(organization) {
      const seats = await behind.query('select * from seatbelt.organization_seats where organization_id = $1', [
        organization,
      ]);
      const holders = await behind.query(
        'select * from seatbelt.holders where organization_id = $1 order by holder collate "C"',
        [organization],
      );
      return { seats: seats.rows[0] ?? null, holders: holders.rows };
    },
    everything: (key) => everything(behind, key),
    async empty() {
      await behind.query(emptyEverything);
      await setClock(beganAt);
      await behind.query(
        `update seatbelt.stripe_rate set next_at = $1, recovery_at = $1, sweep_at = $1, slowed = 1, slowed_at = $1`,
        [new Date(beganAt).toISOString()],
      );
    },
    async close() {
      await database.close();
      await behind.end();
      await home.drop();
    },
  };
}

const everythingStatement = /* sql */ `
select to_jsonb(a) as account,
       (select coalesce(jsonb_agg(to_jsonb(c) order by c.number), '[]') from seatbelt.seat_changes c
         where (c.organization_id, c.seat_type) = ($1, $2)) as changes,
       (select coalesce(jsonb_agg(to_jsonb(s)), '[]') from seatbelt.seats s
         where (s.organization_id, s.seat_type) = ($1, $2)) as holders,
       (select coalesce(jsonb_agg(to_jsonb(p)), '[]') from seatbelt.pushes p
         where (p.organization_id, p.seat_type) = ($1, $2)) as pushes,
       (select coalesce(jsonb_agg(to_jsonb(i)), '[]') from seatbelt.incidents i
         where (i.organization_id, i.seat_type) = ($1, $2)) as incidents,
       (select coalesce(jsonb_agg(to_jsonb(t) order by t.sequence), '[]') from seatbelt.audit t
         where (t.organization_id, t.seat_type) = ($1, $2)) as audit,
       (select coalesce(jsonb_agg(to_jsonb(e) order by e.id), '[]') from seatbelt.host_events e
         where (e.organization_id, e.seat_type) = ($1, $2)) as events
  from seatbelt.accounts a
 where (a.organization_id, a.seat_type) = ($1, $2)`;

async function everything(behind: pg.Pool, key: AccountKey): Promise<Everything> {
  const { rows } = await behind.query(everythingStatement, [key.organization, key.seatType]);
  const row: Row | undefined = rows[0];
  if (row === undefined) throw new Error(`no account ${key.seatType}/${key.organization}`);
  const account = row.account as Row;
  return {
    account: accountFromRow(account),
    lease:
      account.lease_owner === null
        ? null
        : { owner: String(account.lease_owner), until: Date.parse(String(account.lease_until)) },
    changes: list(row.changes).map(changeFromRow),
    holders: list(row.holders)
      .map(holderFromRow)
      .sort(byText(({ holder }) => holder)),
    pushes: list(row.pushes)
      .map(pushFromRow)
      .sort(byText(({ id }) => id)),
    incidents: list(row.incidents)
      .map(incidentFromRow)
      .sort(byText(({ id }) => id)),
    audit: list(row.audit).map(entryFromRow),
    events: list(row.events).map(eventFromRow),
  };
}

function list(value: unknown): Row[] {
  if (!Array.isArray(value)) throw new TypeError('expected a list of rows');
  return value as Row[];
}

function pushFromRow(row: Row): PushRow {
  return {
    id: String(row.id),
    subscription: String(row.subscription_id),
    origin: row.origin as PushRow['origin'],
    generation: Number(row.generation),
    request: { path: String(row.path), body: String(row.body), apiVersion: String(row.api_version) },
    from: { seats: Number(row.from_seats), quantity: Number(row.from_quantity) },
    target: { seats: Number(row.target_seats), quantity: Number(row.target_quantity) },
    changes: row.changes as string[],
    intendedAt: Date.parse(String(row.intended_at)),
    end:
      row.outcome === null
        ? null
        : {
            outcome: row.outcome as NonNullable<PushRow['end']>['outcome'],
            code: textOrNull(row.code),
            message: textOrNull(row.message),
            requestId: textOrNull(row.stripe_request_id),
            endedAt: Date.parse(String(row.ended_at)),
          },
  };
}

function eventFromRow(row: Row): HostEvent {
  return {
    type: row.type as HostEvent['type'],
    change: textOrNull(row.change_id),
    data: row.data as HostEvent['data'],
  };
}
