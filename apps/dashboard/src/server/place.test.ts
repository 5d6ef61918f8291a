import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { placeOf, proxiesInFront } from './place.ts';

const office = '203.0.113.7';
const stranger = '198.51.100.9';

describe('Where a request comes from, as far as that can be known', () => {
  test('where nothing is in front, a header that somebody invented spends nobody else’s count', () => {
    assert.equal(placeOf(office, stranger, null), stranger);
    assert.equal(placeOf(office, `::ffff:${stranger}`, null), stranger);
    assert.equal(placeOf(`${office}, 10.0.0.1`, stranger, null), stranger);
    assert.equal(placeOf(office, '2001:db8:1:2:3:4:5:6', null), '2001:db8:1:2::/64');
    // On a network of one's own only who runs it knows that nothing is in front.
    assert.equal(placeOf(office, '192.168.1.20', 0), '192.168.1.20');
  });

  test('behind a proxy beside us, the address that it saw counts, and not what stands before it', () => {
    for (const proxy of [
      '127.0.0.1',
      '::1',
      '::ffff:10.0.3.4',
      '172.20.0.2',
      '100.64.0.5',
      'fd00::2',
      'fe80::1%eth0',
    ]) {
      assert.equal(placeOf(`${office}, ${stranger}`, proxy, null), stranger, proxy);
    }
    // Where the connection cannot be seen, a platform stands between.
    assert.equal(placeOf(`${office}, ${stranger}`, null, null), stranger);
  });

  test('behind several, the entry of the outermost counts', () => {
    const cdn = '192.0.2.30';
    assert.equal(placeOf(`${office}, ${stranger}, ${cdn}`, '10.0.0.1', 2), stranger);
    assert.equal(placeOf(`${stranger}`, '10.0.0.1', 2), stranger);
    assert.equal(placeOf(`${office}, ${stranger}`, cdn, 1), stranger);
  });

  test('what is no address is none, and without any the proxy itself is the place', () => {
    assert.equal(placeOf(`${office}, of no use`, '10.0.0.1', null), '10.0.0.1');
    assert.equal(placeOf(null, '10.0.0.1', null), '10.0.0.1');
    assert.equal(placeOf(null, null, null), 'unknown');
  });

  test('ports and ways of writing make no other place of it', () => {
    assert.equal(placeOf(`${stranger}:51234`, null, null), stranger);
    assert.equal(placeOf('[2001:db8::5]:443', null, null), '2001:db8:0:0::/64');
    assert.equal(placeOf('2001:0DB8:0::0:9', null, null), '2001:db8:0:0::/64');
    assert.equal(placeOf('::5', null, null), '0:0:0:0::/64');
  });

  test('the number of proxies is a number, or refuses the start', () => {
    assert.equal(proxiesInFront({}), null);
    assert.equal(proxiesInFront({ SEATBELT_PROXIES: ' 0 ' }), 0);
    assert.equal(proxiesInFront({ SEATBELT_PROXIES: '2' }), 2);
    for (const wrong of ['true', '-1', '1.5']) {
      assert.throws(() => proxiesInFront({ SEATBELT_PROXIES: wrong }), /SEATBELT_PROXIES is the number/, wrong);
    }
  });
});
