import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findBrowser, launchChromium } from '../src/chromium.ts';

test('the browser opens a page, runs its script and sees two visitors apart', async () => {
  const site = createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.setHeader('set-cookie', 'seen=1');
    response.end(`<title>Seats</title><button>Add</button><output>0</output><p>${request.headers.cookie ?? 'new'}</p>
      <script>document.querySelector('button').onclick = () => { document.querySelector('output').textContent = '1' }</script>`);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  const address = site.address();
  assert.ok(address !== null && typeof address === 'object');
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${address.port}/`);
    await page.getByRole('button', { name: 'Add' }).click();
    assert.equal(await page.locator('output').textContent(), '1');
    await page.reload();
    assert.equal(await page.locator('p').textContent(), 'seen=1');
    const other = await (await browser.newContext()).newPage();
    await other.goto(`http://127.0.0.1:${address.port}/`);
    assert.equal(await other.locator('p').textContent(), 'new');
    assert.ok((await other.screenshot()).length > 1000);
  } finally {
    await browser.close();
    site.close();
  }
});

test('it starts with the libraries it brings, for machines that have none', {
  skip: process.platform !== 'linux' ? 'an installed browser is used here' : false,
}, async () => {
  const { executablePath } = await findBrowser();
  const libraries = join(dirname(executablePath), 'al2023', 'lib');
  const linked = execFileSync('ldd', [executablePath], {
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
    encoding: 'utf8',
  });
  assert.match(linked, new RegExp(`libnss3\\.so => ${libraries}`));
  assert.doesNotMatch(linked, /not found/);
});

const isRoot = process.getuid?.() === 0;
const readable = isRoot && spawnSync(process.execPath, ['--version'], { uid: 65_534, gid: 65_534 }).status === 0;

test('an ordinary user starts it as well as root', {
  skip: readable ? false : 'needs root, and a checkout that other users can read',
}, () => {
  const home = mkdtempSync(join(tmpdir(), 'seatbelt-home-'));
  execFileSync('chown', ['65534:65534', home]);
  const script = `
    import { launchChromium } from ${JSON.stringify(join(import.meta.dirname, '../src/chromium.ts'))};
    const browser = await launchChromium();
    const page = await browser.newPage();
    await page.setContent('<h1>Hello</h1>');
    console.log(await page.locator('h1').textContent(), process.getuid());
    await browser.close();
  `;
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    uid: 65_534,
    gid: 65_534,
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home },
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.match(result.stdout, /Hello 65534/, result.stderr);
  rmSync(home, { recursive: true, force: true });
});
