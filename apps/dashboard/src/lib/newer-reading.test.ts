import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueryClient, QueryObserver } from '@tanstack/react-query';
import type { SeatsBody } from 'seatbelt/http';
import { keepNewer, newerReading } from './newer-reading.ts';

const reading = (version: number, second: number) =>
  ({ version, readAt: new Date(1_800_000_000_000 + second * 1_000).toISOString() }) as SeatsBody;

test('an answer that comes after a newer one is not shown', () => {
  const shown = reading(7, 3);
  assert.equal(newerReading(shown, reading(6, 2)), shown);
  assert.equal(newerReading(shown, reading(6, 3)), shown);
});

test('what is as new is shown: a pause of everything moves no version', () => {
  const read = reading(7, 3);
  assert.equal(newerReading(reading(7, 3), read), read);
  assert.equal(newerReading(reading(7, 4), read), read);
  assert.equal(newerReading(undefined, read), read);
});

test('a clock that was put back hides nothing new, and a database made anew is shown', () => {
  const later = reading(8, 1);
  assert.equal(newerReading(reading(7, 3), later), later);
  const anew = reading(1, 4);
  assert.equal(newerReading(reading(7, 3), anew), anew);
});

test('a query keeps the newer one, of what an event puts there and of what it asked for before that', async () => {
  const client = new QueryClient();
  const queryKey = ['seats', 'org'];
  const asked = Promise.withResolvers<SeatsBody>();
  const observer = new QueryObserver(client, { queryKey, queryFn: () => asked.promise, structuralSharing: keepNewer });
  const stop = observer.subscribe(() => {});
  client.setQueryData(queryKey, reading(7, 3));
  client.setQueryData(queryKey, reading(5, 1));
  assert.equal(client.getQueryData<SeatsBody>(queryKey)?.version, 7);
  asked.resolve(reading(6, 2));
  await observer.fetchOptimistic(observer.options as Parameters<typeof observer.fetchOptimistic>[0]);
  assert.equal(client.getQueryData<SeatsBody>(queryKey)?.version, 7);
  client.setQueryData(queryKey, reading(8, 3));
  assert.equal(client.getQueryData<SeatsBody>(queryKey)?.version, 8);
  stop();
  client.clear();
});
