import { inTransaction } from '#server/database.ts';
import { newToken } from '#server/ids.ts';
import { sendMail, sendsMail } from '#server/mail.ts';
import { publicUrl } from '#server/public-url.ts';
import { hashOfToken, invitationPath } from './link.ts';

/** Mails of one transaction: few enough that others do not wait for its rows. */
const mailsAtOnce = 100;

interface Unsent {
  readonly id: string;
  readonly email: string;
  readonly organization: string;
  readonly inviter: string;
}

/**
 * Sends the links of invitations whose seat is confirmed and that were not sent yet; nobody is invited to a seat that may
 * still fall. The mail goes out before the commit that notes it: a crash between the two sends another one, whose link
 * works, and never none.
 * @param organization null: all of them
 * @returns how many were sent
 */
export async function sendInvitations(organization: string | null): Promise<number> {
  const origin = publicUrl();
  if (!sendsMail() || origin === null) return 0;
  let sent = 0;
  for (;;) {
    const batch = await sendBatch(organization, origin);
    sent += batch;
    if (batch < mailsAtOnce) return sent;
  }
}

function sendBatch(organization: string | null, origin: string): Promise<number> {
  return inTransaction(async (db) => {
    const { rows } = await db.query<Unsent>(
      /* sql */ `
select i.id, i.email, o.name as organization, u.name as inviter
  from app.invitations i
  join app.organizations o on o.id = i.organization_id
  join app.users u on u.id = i.inviter_id
 where i.status = 'pending' and i.sent_at is null and i.expires_at > now()
   and ($1::text is null or i.organization_id = $1)
   and exists (select from seatbelt.holders h
                where h.organization_id = i.organization_id and h.holder = i.id and h.change_id is null)
 limit $2
   for update of i skip locked`,
      [organization, mailsAtOnce],
    );
    const tokens = rows.map(() => newToken());
    await db.query(
      /* sql */ `
update app.invitations i set token_hash = t.hash, sent_at = now()
  from unnest($1::text[], $2::bytea[]) as t (id, hash)
 where i.id = t.id`,
      [rows.map((row) => row.id), tokens.map(hashOfToken)],
    );
    for (const [index, { email, organization: name, inviter }] of rows.entries()) {
      sendMail({
        to: email,
        subject: `${inviter} invites you to ${name}`,
        text: `A seat is kept for you. Open this link to take it:\n${origin}${invitationPath(tokens[index] ?? '')}`,
      });
    }
    return rows.length;
  });
}
