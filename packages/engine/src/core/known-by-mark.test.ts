import assert from 'node:assert/strict';
import { test } from 'node:test';
import { knownByMark } from './known-by-mark.ts';
import { InvariantBroken, PriceNeeded, SeatRefused } from './refusals.ts';

test('an error thrown by one copy of a class is known by the other one', () => {
  // As a bundler makes it: the same text twice, which are two classes.
  const [One, Other] = [1, 2].map(() => {
    class Refused extends Error {
      static {
        knownByMark(Refused, 'test.Refused');
      }
    }
    return Refused;
  });
  assert.ok(One && Other && One !== Other);
  assert.ok(new One() instanceof Other && new Other() instanceof One);
});

test('the errors of the core are marked, each with a mark of its own', () => {
  const needed = new PriceNeeded(12);
  assert.ok(needed instanceof SeatRefused && needed instanceof PriceNeeded);
  const refused = new SeatRefused({ code: 'below_used', message: 'Seven seats are in use.' });
  assert.ok(refused instanceof SeatRefused && !(refused instanceof PriceNeeded));
  assert.equal(Reflect.get(new InvariantBroken('x'), Symbol.for('seatbelt.InvariantBroken')), true);
  for (const mark of ['seatbelt.SeatRefused', 'seatbelt.PriceNeeded']) {
    assert.equal(Reflect.get(needed, Symbol.for(mark)), true, mark);
  }
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
