import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SetupError } from 'seatbelt/environment';
import { readMailSettings } from './settings.ts';

const production = { devMode: false, publicUrl: true };
const from = { MAIL_FROM: 'Seatbelt <seats@example.com>' };

describe('Mail is sent where everything it needs is said, and nowhere else', () => {
  test('without SMTP_URL it is off, and in development printed to the log', () => {
    assert.deepEqual(readMailSettings({}, production), { is: 'off', because: 'SMTP_URL is not set' });
    assert.deepEqual(readMailSettings({ SMTP_URL: ' ' }, production), { is: 'off', because: 'SMTP_URL is not set' });
    assert.deepEqual(readMailSettings({}, { devMode: true, publicUrl: true }), { is: 'log' });
  });

  test('without a sender, or a place that links lead to, it is off', () => {
    const SMTP_URL = 'smtp://mail.example.com';
    assert.deepEqual(readMailSettings({ SMTP_URL }, production), { is: 'off', because: 'MAIL_FROM is not set' });
    assert.deepEqual(readMailSettings({ SMTP_URL, ...from }, { devMode: false, publicUrl: false }), {
      is: 'off',
      because: 'SEATBELT_URL is not set',
    });
  });

  test('a server elsewhere is spoken to in secret only; user and password are decoded', () => {
    const settings = readMailSettings(
      { SMTP_URL: 'smtp://seats%40example.com:p%3Ass@mail.example.com', ...from },
      production,
    );
    assert.deepEqual(settings, {
      is: 'smtp',
      host: 'mail.example.com',
      port: 587,
      secure: false,
      requireTLS: true,
      auth: { user: 'seats@example.com', pass: 'p:ss' },
      from: 'Seatbelt <seats@example.com>',
    });
    const wrapped = readMailSettings({ SMTP_URL: 'smtps://mail.example.com', ...from }, production);
    assert.ok(wrapped.is === 'smtp' && wrapped.secure && wrapped.port === 465);
    const local = readMailSettings({ SMTP_URL: 'smtp://127.0.0.1:1025', ...from }, production);
    assert.ok(local.is === 'smtp' && !local.requireTLS && local.port === 1025);
    // A name that only begins like this machine is another machine.
    const elsewhere = readMailSettings({ SMTP_URL: 'smtp://127.0.0.1.evil.example', ...from }, production);
    assert.ok(elsewhere.is === 'smtp' && elsewhere.requireTLS);
  });

  for (const [variable, env] of [
    ['SMTP_URL', { SMTP_URL: 'mail.example.com', ...from }],
    ['SMTP_URL', { SMTP_URL: 'https://u:secret@mail.example.com', ...from }],
    ['SMTP_URL', { SMTP_URL: 'smtp://u:secret@mail.example.com?tls.rejectUnauthorized=false', ...from }],
    ['SMTP_URL', { SMTP_URL: 'smtp://u:secret%zz@mail.example.com', ...from }],
    ['MAIL_FROM', { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'seats' }],
    ['MAIL_FROM', { SMTP_URL: 'smtp://mail.example.com', MAIL_FROM: 'a@b.example\r\nBcc: c@d.example' }],
  ] as const) {
    test(`a malformed ${variable} (${JSON.stringify(env[variable as keyof typeof env])}) refuses the start and is not repeated`, () => {
      assert.throws(
        () => readMailSettings(env, production),
        (error) =>
          error instanceof SetupError &&
          error.code === 'variable_malformed' &&
          error.variable === variable &&
          !error.message.includes('secret'),
      );
    });
  }
});
