import { readCursor, writeCursor } from '#features/members/server/cursor.ts';
import type { Access } from '#server/authorize.ts';
import { pool } from '#server/database.ts';
import { sendsMail } from '#server/mail.ts';
import type { InvitationBody, InvitationsBody, ProgressBody, WithdrawnBody } from '../contract.ts';
import { mailState } from './mail-state.ts';
import { settleInvitations } from './settle.ts';

const pageSize = 100;
/** Addresses named in one notice; a person reads no more, and the count says how many there are. */
const noticesAtMost = 20;

interface Row {
  id: string;
  email: string;
  role: InvitationBody['role'];
  seat: InvitationBody['seat'];
  invited_by: string;
  created_at: Date;
  expires_at: Date;
  sent_at: Date | null;
  send_tries: number;
  send_failed: boolean;
  position: string;
}

/** The open invitations, oldest first, and what the caller has to be told of those that fell. */
export async function listInvitations(
  access: Access,
  asked: { readonly after: string | null },
): Promise<InvitationsBody> {
  const { organization } = access;
  await settleInvitations(organization);
  const after = readCursor(asked.after);
  const [page, total, withdrawn] = await Promise.all([
    pool().query<Row>(
      /* sql */ `
select i.id, i.email, i.role, u.name as invited_by, i.created_at, i.expires_at, i.sent_at, i.created_at::text as position,
       i.send_tries, i.send_failed_at is not null or (i.send_tries > 1 and i.next_send_at <= now()) as send_failed,
       case when h.change_id is null then 'reserved' else 'waiting' end as seat
  from app.invitations i
  join app.users u on u.id = i.inviter_id
  join seatbelt.holders h on h.organization_id = i.organization_id and h.holder = i.id
 where i.organization_id = $1 and i.status = 'pending'
   and ($2::timestamptz is null or (i.created_at, i.id) > ($2::timestamptz, $3::text))
 order by i.created_at, i.id
 limit $4`,
      [organization, after?.position ?? null, after?.id ?? null, pageSize],
    ),
    pool().query<{ total: number }>(
      /* sql */ `select count(*)::int as total from app.invitations where organization_id = $1 and status = 'pending'`,
      [organization],
    ),
    withdrawnFor(access),
  ]);
  const last = page.rows.length === pageSize ? page.rows.at(-1) : undefined;
  return {
    invitations: page.rows.map((row) => ({
      id: row.id,
      email: row.email,
      role: row.role,
      seat: row.seat,
      invitedBy: row.invited_by,
      invitedAt: row.created_at.toISOString(),
      expiresAt: row.expires_at.toISOString(),
      sentAt: row.sent_at?.toISOString() ?? null,
      mail: mailState(row),
    })),
    total: total.rows[0]?.total ?? 0,
    after: last === undefined ? null : writeCursor(last),
    withdrawn,
  };
}

async function withdrawnFor({ organization, caller }: Access): Promise<WithdrawnBody[]> {
  if (caller.is !== 'person') return [];
  const { rows } = await pool().query<{ change: string; emails: string[]; code: string; message: string; at: Date }>(
    /* sql */ `
select change_id as change, array_agg(email order by email) as emails, min(withdrawn_code) as code,
       min(withdrawn_message) as message, max(ended_at) as at
  from app.invitations
 where organization_id = $1 and inviter_id = $2 and status = 'withdrawn' and notice_seen_at is null
 group by change_id
 order by max(ended_at) desc
 limit $3`,
    [organization, caller.id, noticesAtMost],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

/** The inviter has read it. */
export async function putNoticeAway({ organization, caller }: Access, change: string): Promise<{ done: true }> {
  if (caller.is === 'person') {
    await pool().query(
      /* sql */ `
update app.invitations set notice_seen_at = now()
 where organization_id = $1 and inviter_id = $2 and change_id::text = $3 and status = 'withdrawn' and notice_seen_at is null`,
      [organization, caller.id, change],
    );
  }
  return { done: true };
}

/** How far the invitations of one change are. */
export async function invitationProgress(organization: string, change: string): Promise<ProgressBody> {
  await settleInvitations(organization);
  const { rows } = await pool().query<Omit<ProgressBody, 'mailed'>>(
    /* sql */ `
select count(*)::int as invited,
       count(*) filter (where i.status = 'accepted' or (h.holder is not null and h.change_id is null))::int as reserved,
       count(i.sent_at)::int as sent,
       count(*) filter (where i.status = 'withdrawn')::int as withdrawn,
       count(*) filter (where i.status in ('revoked', 'expired'))::int as ended
  from app.invitations i
  left join seatbelt.holders h on h.organization_id = i.organization_id and h.holder = i.id
 where i.organization_id = $1 and i.change_id = $2`,
    [organization, change],
  );
  return { ...(rows[0] ?? { invited: 0, reserved: 0, sent: 0, withdrawn: 0, ended: 0 }), mailed: sendsMail() };
}
