import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { freePort } from '@seatbelt/dev/free-port';
import type { SmtpSettings } from '../src/server/mail/settings.ts';
import { MailNotSent, sendBySmtp } from '../src/server/mail/smtp.ts';
import type { Mail } from '../src/server/mail/written.ts';
import { linkIn, startMailReceiver } from './support/mail-receiver.ts';

const mail: Mail = {
  to: 'ada@people.example',
  subject: 'Zoë invites you to Ünited',
  text: 'Zoë invites you to Ünited on Seatbelt.',
  link: { label: 'Take the seat', url: `https://seats.example.com/invitations/${'t0ken'.repeat(20)}?a=1&b=2` },
  note: 'The seat is kept for two weeks.',
};

function settings(port: number, more: Partial<SmtpSettings> = {}): SmtpSettings {
  return {
    is: 'smtp',
    host: '127.0.0.1',
    port,
    secure: false,
    requireTLS: false,
    auth: null,
    from: 'Seatbelt <seats@example.com>',
    ...more,
  };
}

describe('A mail is handed to a real mail server', () => {
  test('as plain text and as HTML, each with the whole link', async () => {
    await using receiver = await startMailReceiver();
    await sendBySmtp(settings(receiver.port), mail);
    const got = await receiver.next(mail.to);
    assert.deepEqual(got.recipients, [mail.to]);
    assert.match(got.headers, /^From: Seatbelt <seats@example\.com>$/m);
    assert.match(got.headers, /^Auto-Submitted: auto-generated$/m);
    assert.equal(linkIn(got.text), mail.link.url);
    assert.match(got.text, /Zoë invites you to Ünited on Seatbelt\./);
    assert.ok(got.html.includes(`href="${mail.link.url.replace('&', '&#38;')}"`), got.html);
    assert.doesNotMatch(got.html, /<img|<script|src=/);
  });

  test('what people call themselves is text, in the headers and in the HTML', async () => {
    await using receiver = await startMailReceiver();
    const name = '<b>Eve</b>\r\nBcc: victim@people.example\r\n\r\nhello';
    await sendBySmtp(settings(receiver.port), { ...mail, subject: name, text: name, to: mail.to });
    const got = await receiver.next(mail.to);
    assert.deepEqual(got.recipients, [mail.to]);
    assert.doesNotMatch(got.headers, /^Bcc:/im);
    assert.ok(!got.html.includes('<b>'));
    // An address with a comma in it is one that nobody has, and not two.
    await assert.rejects(sendBySmtp(settings(receiver.port), { ...mail, to: 'a@people.example, b@people.example' }));
    assert.equal(receiver.received.length, 1);
  });

  test('a server that is busy is asked once more, and not twice', async () => {
    await using receiver = await startMailReceiver();
    receiver.refuse(451);
    await sendBySmtp(settings(receiver.port), mail);
    assert.deepEqual([receiver.attempts, receiver.received.length], [2, 1]);
    receiver.refuse(451, 451);
    await assert.rejects(
      sendBySmtp(settings(receiver.port), mail),
      (error) => error instanceof MailNotSent && !error.permanent,
    );
    assert.deepEqual([receiver.attempts, receiver.received.length], [4, 1]);
  });

  test('a refusal for good is not asked again, and the failure names neither the address nor the link', async () => {
    await using receiver = await startMailReceiver();
    receiver.refuse(550);
    await assert.rejects(sendBySmtp(settings(receiver.port), mail), (error) => {
      assert.ok(error instanceof MailNotSent && error.permanent);
      assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /ada@|invitations\/|t0ken/);
      assert.match(error.message, /550/);
      return true;
    });
    assert.equal(receiver.attempts, 1);
  });

  test('nobody there is a mail not sent', async () => {
    await assert.rejects(sendBySmtp(settings(await freePort()), mail), MailNotSent);
  });

  test('where encryption is asked for, nothing is said without it, nor to a certificate that nobody vouches for', async () => {
    await using plain = await startMailReceiver();
    await assert.rejects(sendBySmtp(settings(plain.port, { requireTLS: true }), mail), MailNotSent);
    await using selfSigned = await startMailReceiver({ hideSTARTTLS: false });
    await assert.rejects(sendBySmtp(settings(selfSigned.port, { requireTLS: true }), mail), MailNotSent);
    assert.deepEqual([plain.attempts, selfSigned.attempts], [0, 0]);
  });

  test('user and password are what the server is told', async () => {
    const told: unknown[] = [];
    await using receiver = await startMailReceiver({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth({ username, password }, _session, done) {
        told.push([username, password]);
        if (password === 'right') done(null, { user: username });
        else done(new Error('No.'));
      },
    });
    await sendBySmtp(settings(receiver.port, { auth: { user: 'seats', pass: 'right' } }), mail);
    assert.deepEqual(told, [['seats', 'right']]);
    // 535 is for good: a wrong password is not tried again, so that nobody is locked out by us.
    await assert.rejects(
      sendBySmtp(settings(receiver.port, { auth: { user: 'seats', pass: 'wrong' } }), mail),
      MailNotSent,
    );
    assert.equal(told.length, 2);
    assert.equal(receiver.received.length, 1);
  });
});
