import type pg from 'pg';
import type { OpenPush } from '../../../packages/engine/src/core/types.ts';

/**
 * What the engine writes for one change, as a program would that has no more to think about: two explicit transactions,
 * each locking the account's row, then plain statements. It is made from rows that the engine really wrote, so that
 * texts and documents have their sizes. Each client has organizations of its own, since only one push of an organization
 * may be open and this program does not wait for the one of another client. The hash is two md5 of the server's instead of a sha256 of the client's.
 */
export async function changeInTwoTransactions(
  pool: pg.Pool,
  push: OpenPush,
  organizations: number,
  clients: number,
): Promise<string> {
  const [change] = (
    await pool.query(
      `select fingerprint, actor, holders::text from seatbelt.seat_changes order by requested_at limit 1`,
    )
  ).rows as { fingerprint: string; actor: string; holders: string }[];
  const [event] = (await pool.query(`select type, data::text from seatbelt.host_events order by id limit 1`)).rows as {
    type: string;
    data: string;
  }[];
  const entries = (
    await pool.query(
      `select length(entry) as length from seatbelt.audit
        where organization_id = (select organization_id from seatbelt.audit limit 1) order by sequence desc limit 4`,
    )
  ).rows.reverse() as { length: number }[];
  if (!change || !event || entries.length < 4) throw new Error('The engine has to write a change first.');
  const [intent1, intent2, outcome1, outcome2] = entries.map(({ length }) => length);
  const account = `organization_id = 'org_' || :n and seat_type = 'seat'`;

  return `
\\set n random(0, ${Math.floor(organizations / clients) - 1}) * ${clients} + :client_id
\\set seats random(20, 40)
begin;
select version, change_count, audit_length, gen_random_uuid() as change, gen_random_uuid() as push
  from seatbelt.accounts where ${account} for update \\gset
update seatbelt.accounts set version = version + 1, seat_count = :seats, change_count = change_count + 1, waiting_changes = 1,
  push_id = :push, push_state = 'intended', push = ${literal(push)}::jsonb,
  audit_length = audit_length + 2, audit_head = md5(audit_head) || md5(audit_head),
  due_at = now() + interval '15 seconds', lease_owner = :push, lease_until = now() + interval '15 seconds', updated_at = now()
 where ${account};
insert into seatbelt.seat_changes (id, organization_id, seat_type, number, kind, status, push_id, set_seats, delta, quantity, takes, holders, reserve, alone, idempotency_key, fingerprint, actor, seats_before, seats_after, requested_at)
 values (:change, 'org_' || :n, 'seat', :change_count + 1, 'set', 'requested', :push, :seats, 0, :seats, 0, '${change.holders}', false, false, :change, ${literalText(change.fingerprint)}, '${change.actor}', 10, :seats, now());
insert into seatbelt.pushes (id, organization_id, seat_type, subscription_id, origin, generation, path, body, api_version, from_seats, from_quantity, target_seats, target_quantity, changes, intended_at)
 values (:push, 'org_' || :n, 'seat', 'sub_org_' || :n, 'changes', 1, ${literalText(push.request.path)}, ${literalText(push.request.body)}, '${push.request.apiVersion}', 10, 10, :seats, :seats, ${literal(push.changes)}::jsonb, now());
insert into seatbelt.audit (organization_id, seat_type, sequence, entry, hash, change_id, push_id)
 values ('org_' || :n, 'seat', :audit_length + 1, repeat('x', ${intent1}), md5(:change) || md5(:change), :change, null),
        ('org_' || :n, 'seat', :audit_length + 2, repeat('x', ${intent2}), md5(:push) || md5(:push), null, :push);
commit;
begin;
select version from seatbelt.accounts where ${account} for update;
update seatbelt.accounts set version = version + 1, settled_seats = :seats, waiting_changes = 0, push_id = null, push_state = null, push = null,
  audit_length = audit_length + 2, audit_head = md5(audit_head) || md5(audit_head),
  due_at = null, lease_owner = null, lease_until = null, updated_at = now()
 where ${account};
update seatbelt.seat_changes set status = 'applied', ended_at = now() where id = :change;
update seatbelt.pushes set outcome = 'confirmed', stripe_request_id = 'req_bench', ended_at = now() where id = :push;
insert into seatbelt.audit (organization_id, seat_type, sequence, entry, hash, change_id, push_id)
 values ('org_' || :n, 'seat', :audit_length + 3, repeat('x', ${outcome1}), md5(:change) || md5(:change), null, :push),
        ('org_' || :n, 'seat', :audit_length + 4, repeat('x', ${outcome2}), md5(:push) || md5(:push), :change, :push);
insert into seatbelt.host_events (organization_id, seat_type, type, change_id, data)
 values ('org_' || :n, 'seat', '${event.type}', :change, ${literal(JSON.parse(event.data))}::jsonb);
commit;
`;
}

/** Mean bytes of the rows of one change, to hold both programs to the same work. */
export async function rowBytes(pool: pg.Pool): Promise<Record<string, number>> {
  const { rows } = await pool.query(`
    select (select avg(pg_column_size(c.*)) from seatbelt.seat_changes c)::int as seat_changes,
           (select avg(pg_column_size(p.*)) from seatbelt.pushes p)::int as pushes,
           (select avg(pg_column_size(a.*)) from seatbelt.audit a where num_nonnulls(change_id, push_id) > 0)::int as audit,
           (select avg(pg_column_size(e.*)) from seatbelt.host_events e)::int as host_events`);
  return rows[0] as Record<string, number>;
}

/** A colon before a letter or digit is a variable to pgbench, so inside of strings it is escaped and outside followed by a space. */
function literal(value: unknown): string {
  const colon = '\u{e000}';
  const text = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'string' ? inner.replaceAll(':', colon) : inner,
  );
  return literalText(text.replaceAll(':', ': ').replaceAll(colon, '\\u003a'));
}

function literalText(text: string): string {
  return `'${text.replace(/:(?=\w)/g, ': ').replaceAll("'", "''")}'`;
}
