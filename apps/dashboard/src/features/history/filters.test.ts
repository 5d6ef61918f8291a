import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { addressOf, filtersOf, noFilters, queryOf } from './filters.ts';

describe('What the history is filtered by', () => {
  const zone = process.env.TZ;
  before(() => {
    // The clocks of Lisbon went back on 25 October 2026.
    process.env.TZ = 'Europe/Lisbon';
  });
  after(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  test('a day is the viewer’s own, also the one at which the clocks change', () => {
    const query = queryOf({ ...noFilters, from: '2026-10-25', to: '2026-10-25' });
    assert.equal(query.get('from'), '2026-10-24T23:00:00.000Z');
    assert.equal(query.get('until'), '2026-10-26T00:00:00.000Z', 'the last day belongs to it, all of its 25 hours');
  });

  test('an address holds what was chosen, and gives it back', () => {
    const filters = {
      status: 'applied',
      kind: 'set',
      from: '2026-11-01',
      to: '2026-11-22',
      search: 'ada & co',
    } as const;
    assert.deepEqual(filtersOf(new URLSearchParams(addressOf(filters).toString())), filters);
    assert.equal(addressOf(noFilters).size, 0);
    assert.equal(queryOf(noFilters).size, 0);
  });

  test('what is no filter in an address is none', () => {
    const strange = new URLSearchParams('status=constructor&kind=bought&from=2026-02-31&to=0001-01-01&seats=4');
    assert.deepEqual(filtersOf(strange), noFilters);
  });
});
