import { appSchema } from '#server/app-schema/migrate.ts';
import { pool } from '#server/database.ts';
import { newToken } from '#server/ids.ts';
import { logger } from '#server/logger.ts';
import { MailNotSent, sendMail, sendsMail } from '#server/mail.ts';
import { once } from '#server/once.ts';
import { publicUrl } from '#server/public-url.ts';
import { hashOfToken, invitationPath } from './link.ts';

/** Mails that are begun together: few enough to be through before anybody else may begin them. */
const mailsAtOnce = 10;
/** Tries of one invitation's mail; each asks the mail server twice. Then its row tells the inviter to pass the link on. */
export const sendTries = 4;
/** After a try that failed: a minute, ten, and an hour and a half later the next. Longer than one round takes. */
const nextTrySeconds = [60, 600, 5_400] as const;

interface Begun {
  readonly id: string;
  readonly email: string;
  readonly organization: string;
  readonly inviter: string;
  readonly token: string;
}

/**
 * Sends the links of invitations whose seat is confirmed and that were not sent yet, in the background of this process:
 * one round at a time, however often it is asked for. Nobody waits for a mail server inside a request.
 */
export function sendInvitationsSoon(): void {
  const postman = once('postman', () => ({ busy: false, askedAgain: false }));
  if (postman.busy) {
    postman.askedAgain = true;
    return;
  }
  postman.busy = true;
  void (async () => {
    do {
      postman.askedAgain = false;
      await sendInvitations();
    } while (postman.askedAgain);
  })()
    .catch((error: unknown) => {
      logger.warn({ err: error }, 'Sending invitations stopped; the housekeeping begins again.');
    })
    .finally(() => {
      postman.busy = false;
    });
}

/**
 * One round: begin a few, send them, note what was sent, until none is left. That a mail is begun is committed before the
 * mail server is asked; a crash between the two leaves an invitation whose next try has a later time and a new link, which
 * then is the one that works. Never none, and nobody is invited to a seat that may still fall.
 * @returns how many were sent
 */
export async function sendInvitations(): Promise<number> {
  const origin = publicUrl();
  if (!sendsMail() || origin === null) return 0;
  await appSchema();
  let sent = 0;
  for (;;) {
    const begun = await begin();
    for (const invitation of begun) if (await send(invitation, origin)) sent += 1;
    if (begun.length < mailsAtOnce) return sent;
  }
}

/** Takes invitations that are to be sent, each with a link of its own from now on. */
async function begin(): Promise<Begun[]> {
  const tokens = Array.from({ length: mailsAtOnce }, () => newToken());
  const { rows } = await pool().query<Omit<Begun, 'token'> & { place: string }>(
    /* sql */ `
with unsent as (
  select i.id, row_number() over () as place
    from (select i.id
            from app.invitations i
           where i.status = 'pending' and i.sent_at is null and i.expires_at > now()
             and (i.next_send_at is null or i.next_send_at <= now()) and i.send_tries < $1
             and exists (select from seatbelt.holders h
                          where h.organization_id = i.organization_id and h.holder = i.id and h.change_id is null)
           order by i.next_send_at nulls first
           limit $2
             for update of i skip locked) as i
)
update app.invitations i
   set token_hash = t.hash, send_tries = i.send_tries + 1,
       next_send_at = now() + ($3::int[])[least(i.send_tries + 1, cardinality($3::int[]))] * interval '1 second'
  from unsent
  join unnest($4::bytea[]) with ordinality as t (hash, place) on t.place = unsent.place,
       app.organizations o, app.users u
 where i.id = unsent.id and o.id = i.organization_id and u.id = i.inviter_id
returning i.id, i.email, o.name as organization, u.name as inviter, unsent.place::text as place`,
    [sendTries, mailsAtOnce, nextTrySeconds, tokens.map(hashOfToken)],
  );
  return rows.map(({ place, ...row }) => {
    const token = tokens[Number(place) - 1];
    if (token === undefined) throw new Error('Bug: more invitations were begun than there are links for.');
    return { ...row, token };
  });
}

/** @returns whether the mail server has taken it */
async function send({ id, email, organization, inviter, token }: Begun, origin: string): Promise<boolean> {
  try {
    await sendMail({
      to: email,
      subject: `${inviter} invites you to ${organization}`,
      text: `${inviter} invites you to ${organization} on Seatbelt. A seat is kept for you.`,
      link: { label: 'Take the seat', url: `${origin}${invitationPath(token)}` },
      note: 'The seat is kept for two weeks. If you do not know what this is about, do nothing.',
    });
  } catch (error) {
    if (!(error instanceof MailNotSent)) throw error;
    await pool().query(/* sql */ `update app.invitations set send_failed_at = now() where id = $1`, [id]);
    logger.error({ err: error, invitation: id }, 'The mail of an invitation was not sent.');
    return false;
  }
  // Where a new link was made by hand meanwhile, its row says already that the link is out.
  await pool().query(
    /* sql */ `update app.invitations set sent_at = now() where id = $1 and token_hash = $2 and sent_at is null`,
    [id, hashOfToken(token)],
  );
  return true;
}
