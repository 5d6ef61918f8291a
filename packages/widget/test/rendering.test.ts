import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { bundle, styleSheet, widgetFolder } from '../build/bundle.ts';
import { scriptedFetch } from '../playground/scripted-fetch.ts';
import { type PlaygroundState, states } from '../playground/states.ts';

const limitBytes = 25_000;

test(`the widget with its style weighs less than ${limitBytes} bytes gzipped, React not counted`, async (t) => {
  const [code, style] = await Promise.all([bundle('src/index.ts', { external: ['react', 'react-dom'] }), styleSheet()]);
  const bytes = gzipSync(code).length + gzipSync(style).length;
  t.diagnostic(`${bytes} bytes`);
  assert.ok(bytes > 2_000, 'a bundle this small has lost its widget');
  assert.ok(bytes < limitBytes, `${bytes} bytes`);
});

test('the client without React has no React in it', async () => {
  const code = await bundle('src/client/index.ts', { external: ['react', 'react-dom'] });
  assert.doesNotMatch(code, /from\s*["']react/);
  assert.match(await bundle('src/headless/index.ts', { external: ['react', 'react-dom'] }), /from\s*["']react/);
});

test('a server renders it, with the counts it has read, and without asking anybody', async () => {
  // Node does not read JSX, so what is rendered here is the bundle that a host would have.
  const folder = await mkdtemp(join(widgetFolder, 'test', '.rendering-'));
  try {
    const file = join(folder, 'widget.mjs');
    await writeFile(file, await bundle('src/index.ts', { external: ['react', 'react-dom'], platform: 'node' }));
    const { createSeatsClient, SeatManager } = (await import(
      pathToFileURL(file).href
    )) as typeof import('../src/index.ts');
    const calm = stateNamed('calm');
    let asked = 0;
    const client = createSeatsClient({
      fetch: (input, init) => {
        asked += 1;
        return scriptedFetch(calm)(input, init);
      },
    });
    const { seats } = calm;
    assert.ok(typeof seats === 'object' && 'purchasedSeats' in seats);
    const html = renderToString(createElement(SeatManager, { client, initialSeats: seats, locale: 'de' }));
    assert.match(html, /data-count="purchased">12</);
    assert.match(html, /role="spinbutton"/);
    assert.doesNotMatch(html, /Reading the seats/);
    assert.match(renderToString(createElement(SeatManager, { client })), /Reading the seats/);
    assert.equal(asked, 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

function stateNamed(name: string): PlaygroundState {
  const state = states.find((one) => one.name === name);
  assert.ok(state, `no state ${name}`);
  return state;
}
