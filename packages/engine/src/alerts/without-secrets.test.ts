import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutSecrets } from './without-secrets.ts';

const removed: readonly (readonly [string, string])[] = [
  ['sk_live_abcDEF123456', 'sk_live_…'],
  ['sk_org_live_abcDEF123456', 'sk_org_live_…'],
  ['Invalid API Key provided: rk_test_a1_b2', 'Invalid API Key provided: rk_test_…'],
  ['whsec_abc/def+ghi= was tried', 'whsec_… was tried'],
  ['postgres://u:hunter2@h/db', 'postgres://u:…@h/db'],
  ['postgres://u:p@ss@h/db', 'postgres://u:…@h/db'],
  ['postgres://u:p/a@s/s@h/db?sslmode=require', 'postgres://u:…@h/db?sslmode=require'],
  ['tried postgres://u:p@ss@h/db, then a@b', 'tried postgres://u:…@h/db, then a@b'],
  ['{"url":"postgres://u:p@h/db","mail":"a@b"}', '{"url":"postgres://u:…@h/db","mail":"a@b"}'],
  ['host=h password=hunter2 user=u', 'host=h password=… user=u'],
  ["host=h password = 'hun\\'ter 2' user=u", 'host=h password = … user=u'],
  ['PGPASSWORD=hunter2 psql', 'PGPASSWORD=… psql'],
  ['password: hunter2', 'password: …'],
  ['AWS_SECRET_ACCESS_KEY=hunter2', 'AWS_SECRET_ACCESS_KEY=…'],
  [String.raw`{\"password\":\"hunter2\",\"a\":1}`, String.raw`{\"password\":…,\"a\":1}`],
  ['password: hunter, user: u', 'password: …, user: u'],
  ['Password: hunter user: u', 'Password: … user: u'],
  ['{"password":"hunter 2","user":"u"}', '{"password":…,"user":"u"}'],
  ['client_secret=abc&x', 'client_secret=…'],
  ['SMTP_PASSWORD: "hunter2"', 'SMTP_PASSWORD: …'],
  ['Authorization: Basic c2tfdGVzdDo=', 'Authorization: Basic …'],
  ['authorization: basic aGVsbG8', 'authorization: basic …'],
  ['sent Basic dXNlcjpwYXNz to it', 'sent Basic … to it'],
  ['"authorization":"Bearer abc.def"', '"authorization":"Bearer …"'],
  ['header was Bearer abc.def-1', 'header was Bearer …'],
];

for (const [text, without] of removed) {
  test(`what is secret in it is removed: ${text}`, () => assert.equal(withoutSecrets(text), without));
}

test('sentences stay as they are', () => {
  for (const text of [
    'password authentication failed for user "app"',
    'Wrong password: the server said no.',
    'The password, secret and key are in the environment.',
    'No webhook secret is set here, so no event can be trusted.',
    'Basic plan: 10 seats. Basic understanding is enough.',
    'Authorization failed: the caller is no owner.',
    'Ask a_task_of_mine, or mail ada@example.com about https://example.com:8080/path',
    'connect ECONNREFUSED 127.0.0.1:5432',
  ]) {
    assert.equal(withoutSecrets(text), text);
  }
});
