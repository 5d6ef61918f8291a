import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import type { LiveState } from '../contract.ts';
import { Watch, type Watcher } from './watch.ts';

/** An organization whose state has a number; a pause of everything moves that, and not the version. */
function organization() {
  let reading = Promise.resolve();
  const now = { version: '1', fact: 1, reads: 0 };
  const watch = new Watch({
    versions: async () => [{ organization: 'acme', version: now.version }],
    state: async () => {
      now.reads += 1;
      const state = { readAt: String(now.fact) } as LiveState;
      await reading;
      return state;
    },
  });
  return {
    now,
    watch,
    /** Readings that begin from now on take until they are let go. */
    holdReadings() {
      const { promise, resolve } = Promise.withResolvers<void>();
      reading = promise;
      return () => {
        reading = Promise.resolve();
        resolve();
      };
    },
  };
}

function screen(): Watcher & { readonly heard: string[] } {
  const heard: string[] = [];
  return { heard, state: ({ readAt }) => heard.push(readAt), still: () => heard.push('still') };
}

/** Lets looks pass, and what each of them asks for. */
async function looks(times = 2): Promise<void> {
  for (let look = 0; look < times; look += 1) {
    mock.timers.tick(300);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function clocked(test: { after(done: () => void): void }): void {
  mock.timers.enable({ apis: ['setInterval'] });
  test.after(() => mock.timers.reset());
}

test('a screen that comes later is told what is so now, not what the others were told once', async (t) => {
  clocked(t);
  const { now, watch } = organization();
  const [first, second] = [screen(), screen()];
  const stops = [watch.add('acme', first)];
  await looks();
  assert.deepEqual(first.heard, ['1']);
  now.fact = 2;
  stops.push(watch.add('acme', second));
  assert.deepEqual(second.heard, [], 'it has read for itself, and that is newer than what was told');
  await looks();
  assert.deepEqual(second.heard, ['2']);
  for (const stop of stops) stop();
});

test('a reading that began before a screen came is not told to it', async (t) => {
  clocked(t);
  const { now, watch, holdReadings } = organization();
  const [first, second] = [screen(), screen()];
  const letGo = holdReadings();
  const stops = [watch.add('acme', first)];
  await looks();
  now.fact = 2;
  stops.push(watch.add('acme', second));
  letGo();
  await looks(3);
  assert.deepEqual(first.heard, ['1']);
  assert.deepEqual(second.heard, ['2']);
  for (const stop of stops) stop();
});

test('what moved is told to everybody, and once; who came costs the others nothing', async (t) => {
  clocked(t);
  const { now, watch } = organization();
  const screens = [screen(), screen(), screen()];
  const stops = screens.map((each) => watch.add('acme', each));
  await looks();
  assert.equal(now.reads, 1, 'those who came together are told by one reading');
  now.version = '2';
  now.fact = 2;
  await looks(4);
  const late = screen();
  stops.push(watch.add('acme', late));
  await looks(4);
  for (const { heard } of screens) assert.deepEqual(heard, ['1', '2']);
  assert.deepEqual(late.heard, ['2']);
  assert.equal(now.reads, 3);
  for (const stop of stops) stop();
});
