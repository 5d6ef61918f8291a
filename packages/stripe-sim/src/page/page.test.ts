import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
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
