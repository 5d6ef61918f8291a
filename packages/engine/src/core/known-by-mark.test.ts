import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownByMark } from './known-by-mark.ts';
import { PriceNeeded, SeatRefused } from './refusals.ts';

/** As a bundler makes it: the module once more, as if it were another one. */
async function anotherCopy(): Promise<typeof import('./refusals.ts')> {
  const url = new URL('./refusals.ts?another-copy', import.meta.url).href;
  return (await import(url)) as typeof import('./refusals.ts');
}

test('an error thrown by one copy of the engine is known by another one', async () => {
  const other = await anotherCopy();
  const thrown = new other.SeatRefused({ code: 'below_used', message: 'Seven seats are in use.' });
  assert.notEqual(other.SeatRefused, SeatRefused, 'they are two classes');
  assert.ok(thrown instanceof SeatRefused);
  assert.ok(!(thrown instanceof PriceNeeded), 'and it is nothing else');
});

test('what is made from a marked class is told apart from it, with a mark of its own or without', () => {
  class Parent extends Error {
    static {
      knownByMark(Parent, 'test.Parent');
    }
  }
  class Plain extends Parent {}
  class Marked extends Parent {
    static {
      knownByMark(Marked, 'test.Marked');
    }
  }
  assert.ok(new Plain() instanceof Parent && new Marked() instanceof Parent);
  assert.ok(new Plain() instanceof Plain && new Marked() instanceof Marked);
  assert.ok(!(new Parent() instanceof Plain) && !(new Parent() instanceof Marked) && !(new Plain() instanceof Marked));
  for (const nothing of [null, undefined, 'Parent', new Error('Parent')]) assert.ok(!(nothing instanceof Parent));
});
