import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { SeatsBody } from 'seatbelt/http';
import { weigh } from './draft.ts';

describe('What is in the box is priced for those who are new', () => {
  const seats = { usedSeats: 9, purchasedSeats: 10 } as SeatsBody;
  const emails = ['ada@example.com', 'grace@example.com', 'linus@example.com'];

  test('who is a member or invited already needs no seat', () => {
    assert.deepEqual(weigh({ emails, known: ['grace@example.com'], seats }), { people: 2, buy: 1 });
    assert.deepEqual(weigh({ emails, known: emails, seats }), { people: 0, buy: 0 });
  });

  test('until it is known who is new, everybody is', () => {
    assert.deepEqual(weigh({ emails, known: null, seats }), { people: 3, buy: 2 });
  });

  test('without counts nothing is bought', () => {
    assert.deepEqual(weigh({ emails, known: [], seats: undefined }), { people: 3, buy: 0 });
  });
});
