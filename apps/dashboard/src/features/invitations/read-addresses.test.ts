import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { address } from './address.ts';
import { readAddresses, withAddresses } from './read-addresses.ts';

test('a pasted list is read whatever separates it, each address once', () => {
  assert.deepEqual(
    readAddresses('ada@example.com, Grace Hopper <GRACE@example.com>;\n\tada@example.com\r\n"joan@example.com"'),
    {
      emails: ['ada@example.com', 'grace@example.com', 'joan@example.com'],
      strange: [],
    },
  );
});

test('a CSV gives its addresses; names beside them and the heading are not complained about', () => {
  const csv =
    '\uFEFFName,Email,Team\nAda Lovelace,ada@example.com,Engines\n"Hopper, Grace",grace@example.com,Compilers\n';
  assert.deepEqual(readAddresses(csv), { emails: ['ada@example.com', 'grace@example.com'], strange: [] });
});

test('what is no address is shown and not dropped', () => {
  assert.deepEqual(readAddresses('ada@example.com\ngrace\nx@y\nme@@example.com\n'), {
    emails: ['ada@example.com'],
    strange: ['grace', 'x@y', 'me@@example.com'],
  });
});

test('an address is what people can sign in with, so that none that was taken is refused later', () => {
  // Zod escapes hyphens that need no escape.
  assert.equal(address.source, z.regexes.email.source.replaceAll('\\-', '-'));
  const refused = ['ada.@example.com', 'a..b@example.com', 'r&d@example.com', 'sales#1@example.com', 'a@host.123'];
  assert.deepEqual(readAddresses(["o'neil@example.com", ...refused].join('\n')), {
    emails: ["o'neil@example.com"],
    strange: refused,
  });
});

test('addresses are added to what was typed, each once', () => {
  assert.equal(withAddresses('', ['ada@example.com', 'grace@example.com']), 'ada@example.com\ngrace@example.com');
  assert.equal(
    withAddresses('Joan <joan@example.com>, ADA@example.com \n', ['ada@example.com', 'grace@example.com']),
    'Joan <joan@example.com>, ADA@example.com\ngrace@example.com',
  );
  assert.equal(withAddresses('ada@example.com, ', ['ada@example.com']), 'ada@example.com, ');
});
