import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { repositoryRoot } from '../src/repository.ts';

const refused: readonly (readonly [program: string, words: readonly string[], sentence: string])[] = [
  // Nobody at once runs nothing, and nothing that ran has no failure.
  ['packages/dev/src/test.ts', ['--at-once', 'two'], '--at-once takes a whole number from 1 up, not "two".'],
  ['packages/dev/src/test.ts', ['--at-once', '0'], '--at-once takes a whole number from 1 up, not "0".'],
  // It started the product, in the state folder of whoever asked.
  ['packages/dev/src/start.ts', ['--port', '4000'], "Unknown option '--port'"],
  ['bench/src/main.ts', ['--only', 'everything'], 'There is no measurement "everything".'],
  ['proof/src/gate/main.ts', ['--sizes', 'soak'], "Unknown option '--sizes'"],
  ['proof/src/replay.ts', ['1e3'], '--seed takes a whole number from 0 up, not "1e3".'],
  ['proof/src/planted.ts', ['--only', 'no such bug'], 'No planted bug has no such bug in its name.'],
];

for (const [program, words, sentence] of refused) {
  test(`${program} ${words.join(' ')}: refused in a sentence, above what it takes`, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...words], {
      cwd: repositoryRoot,
      encoding: 'utf8',
    });
    assert.equal(status, 2, stderr);
    assert.equal(stdout, '');
    const [first, , ...usage] = stderr.split('\n');
    assert.equal(first, sentence);
    assert.match(usage.join('\n'), /^(usage: node proof|npm run \w+|npm test|npm start)/);
    assert.doesNotMatch(stderr, /\bat .*:\d+:\d+/, 'no stack');
  });
}

test('npm start -- --help says what it is and starts nothing', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['packages/dev/src/start.ts', '--help'], {
    cwd: repositoryRoot,
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^npm start: [\s\S]*It takes no options\./);
});
