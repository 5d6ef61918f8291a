import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startStripeSim } from '../../src/index.ts';
import { loadScenarios } from './fixture.ts';
import { OPEN_QUESTIONS } from './open-questions.ts';

function runLive(env: Record<string, string>): Promise<{ code: number; text: string }> {
  const { STRIPE_SECRET_KEY: _, STRIPE_API_BASE: __, ...rest } = process.env;
  const program = fileURLToPath(new URL('./live.ts', import.meta.url));
  const child = spawn(process.execPath, [program], { env: { ...rest, ...env } });
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number; text: string }>();
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  child.once('error', reject);
  child.once('close', (code) => resolve({ code: code ?? -1, text }));
  return promise;
}

test('without a key the live run says that it was skipped and ends well', async () => {
  const { code, text } = await runLive({});
  assert.equal(code, 0);
  assert.match(text, /skipped: STRIPE_SECRET_KEY is not set/);
});

test('a live key is refused before anything is sent', async () => {
  const { code, text } = await runLive({ STRIPE_SECRET_KEY: 'sk_live_x', STRIPE_API_BASE: 'http://127.0.0.1:1' });
  assert.equal(code, 2);
  assert.match(text, /not a test key/);
});

test('the live run records every scenario and every open question, without secrets, and cleans up', async () => {
  const key = 'sk_test_live_run_of_the_suite';
  const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
  const sim = await startStripeSim({ apiKeys: [key] });
  try {
    const { code, text } = await runLive({
      STRIPE_SECRET_KEY: key,
      STRIPE_API_BASE: sim.url,
      CONFORMANCE_RECORDINGS: folder,
    });
    assert.equal(code, 0, text);
    const written = readdirSync(folder).map((file) => file.replace('.json', ''));
    const expected = [...loadScenarios(), ...OPEN_QUESTIONS].map((scenario) => scenario.name);
    assert.deepEqual(written.toSorted(), expected.toSorted());
    for (const name of written) {
      const recording = readFileSync(join(folder, `${name}.json`), 'utf8');
      assert.ok(!recording.includes(key), name);
      assert.doesNotMatch(recording, /_secret_/, name);
    }
    const unsent = written.filter((name) =>
      readFileSync(join(folder, `${name}.json`), 'utf8').includes('"answer": null'),
    );
    assert.deepEqual(unsent, [], 'every step of every scenario was sent');
    const left = sim.truth().subscriptions.filter((subscription) => subscription.status !== 'canceled');
    assert.deepEqual(
      left.map((subscription) => subscription.id),
      [],
    );
  } finally {
    await sim.close();
    rmSync(folder, { recursive: true });
  }
});
