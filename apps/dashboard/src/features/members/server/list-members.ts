import { pool } from '#server/database.ts';
import type { MemberBody, MembersBody } from '../contract.ts';
import { readCursor, writeCursor } from './cursor.ts';

/** One page: more than a screen shows, and an answer of some 20 kB. */
export const membersPageSize = 100;

interface Row {
  id: string;
  user_id: string;
  name: string;
  email: string;
  role: MemberBody['role'];
  seat: MemberBody['seat'];
  joined_at: Date;
  position: string;
}

/** A page of members in the order in which they joined, which an index gives for any number of them. */
export async function listMembers(
  organization: string,
  asked: { readonly search: string; readonly after: string | null },
): Promise<MembersBody> {
  const pattern = asked.search === '' ? null : `%${asked.search.replaceAll(/[\\%_]/g, '\\$&')}%`;
  const after = readCursor(asked.after);
  const [page, total] = await Promise.all([
    pool().query<Row>(
      /* sql */ `
select m.id, m.user_id, u.name, u.email, m.role, m.created_at as joined_at, m.created_at::text as position,
       case when h.holder is null then 'none' when h.change_id is null then 'seated' else 'waiting' end as seat
  from app.members m
  join app.users u on u.id = m.user_id
  left join seatbelt.holders h on h.organization_id = m.organization_id and h.holder = m.user_id
 where m.organization_id = $1
   and ($2::text is null or u.name ilike $2 or u.email ilike $2)
   and ($3::timestamptz is null or (m.created_at, m.id) > ($3::timestamptz, $4::text))
 order by m.created_at, m.id
 limit $5`,
      [organization, pattern, after?.position ?? null, after?.id ?? null, membersPageSize],
    ),
    pool().query<{ total: number }>(
      /* sql */ `
select count(*)::int as total from app.members m
 where m.organization_id = $1
   and ($2::text is null or exists (select from app.users u where u.id = m.user_id and (u.name ilike $2 or u.email ilike $2)))`,
      [organization, pattern],
    ),
  ]);
  const last = page.rows.length === membersPageSize ? page.rows.at(-1) : undefined;
  return {
    members: page.rows.map((row) => ({
      id: row.id,
      userId: row.user_id,
      name: row.name,
      email: row.email,
      role: row.role,
      seat: row.seat,
      joinedAt: row.joined_at.toISOString(),
    })),
    total: total.rows[0]?.total ?? 0,
    after: last === undefined ? null : writeCursor(last),
  };
}
