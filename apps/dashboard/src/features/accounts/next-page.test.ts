import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPage } from './next-page.ts';

test('after signing in nobody is led to another site, however that is written', () => {
  const written = [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/.//evil.example/x',
    '/a/..//evil.example',
    '/./\\evil.example',
    '/%2e//evil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '',
  ];
  for (const asked of written) {
    // Read as a browser reads it.
    const led = new URL(nextPage(asked), 'https://seats.example.com');
    assert.equal(led.origin, 'https://seats.example.com', asked);
  }
  assert.equal(nextPage(['/organizations', '/']), '/');
  assert.equal(nextPage(undefined), '/');
});

test('a page of ours is gone to with its query', () => {
  assert.equal(nextPage('/invitations/abc?again=1'), '/invitations/abc?again=1');
});
