import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { DeliveryFault } from '../events/delivery-rules.ts';
import type { ReleaseOrder } from '../events/orders.ts';
import { faultKinds } from '../faults/rules.ts';
import { renderPage } from './index.ts';

interface FaultGroup {
  name: string;
  kinds: Record<string, [label: string, explanation: string]>;
}

test('the page asks nothing of any other server', () => {
  const urls = renderPage().match(
    /(?:src|href)="(?!data:|#)[^"]*"|url\((?!data:)|@import|https?:\/\/(?!www\.w3\.org)[^\s"']+/g,
  );
  assert.equal(urls, null);
});

test('the import map carries every module that a module imports', () => {
  const map = /<script type="importmap">(.*?)<\/script>/s.exec(renderPage())?.[1] ?? '';
  const { imports }: { imports: Record<string, string> } = JSON.parse(map);
  const folder = new URL('client/', import.meta.url);
  for (const file of readdirSync(folder)) {
    const source = readFileSync(new URL(file, folder), 'utf8');
    const carried = imports[`sim/${file.replace('.js', '')}`] ?? '';
    assert.equal(Buffer.from(carried.split(',')[1] ?? '', 'base64').toString(), source, file);
    for (const [, wanted = ''] of source.matchAll(/ from '([^']+)'/g)) {
      assert.ok(wanted in imports, `${file} imports ${wanted}, which the page does not carry`);
    }
  }
});

test('the page offers every fault that the simulator can make, and no other', async () => {
  const { FAULT_GROUPS }: { FAULT_GROUPS: FaultGroup[] } = await import(
    new URL('client/fault-kinds.js', import.meta.url).href
  );
  const offered = FAULT_GROUPS.flatMap((group) => Object.keys(group.kinds));
  assert.deepEqual(offered.toSorted(), [...faultKinds].toSorted());
});

test('the page offers every fault of a delivery, and each is one that the simulator takes', async () => {
  const { DELIVERY_FAULTS, RELEASE_ORDERS }: { DELIVERY_FAULTS: object; RELEASE_ORDERS: object } = await import(
    new URL('client/delivery-faults.js', import.meta.url).href
  );
  // The compiler holds these two lists against the simulator's types: nothing missing, nothing too much.
  const faults: Record<DeliveryFault, true> = {
    delay: true,
    drop: true,
    duplicate: true,
    fail: true,
    old_api_version: true,
    old_timestamp: true,
    stale_object: true,
    twin: true,
    wrong_secret: true,
  };
  const orders: Record<Exclude<ReleaseOrder, string[]>, true> = {
    arrival: true,
    paid_before_finalized: true,
    reverse: true,
    shuffle: true,
    updated_before_created: true,
  };
  assert.deepEqual(Object.keys(DELIVERY_FAULTS).toSorted(), Object.keys(faults));
  assert.deepEqual(Object.keys(RELEASE_ORDERS).toSorted(), Object.keys(orders));
});
