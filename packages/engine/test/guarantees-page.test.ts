/** The page of guarantees names tests. A file or a title that is gone makes a promise of it that nobody keeps. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '../../..');

/** Each `file.test.ts` of the page with the *titles* that follow it. */
function namedTests(page: string): { file: string; titles: string[] }[] {
  const named = page.matchAll(/`([\w./-]+\.test\.ts)`((?:[ ,]+\*[^*]+\*)*)/g);
  return [...named].map(([, file = '', titles = '']) => ({
    file,
    titles: [...titles.matchAll(/\*([^*]+)\*/g)].map(([, title = '']) => title.replace(/…$/, '')),
  }));
}

/** What a comment says is tested by nobody. Titles may be put together elsewhere in the file, so it is not asked where they stand. */
function withoutComments(text: string): string {
  return text.replace(/^\s*(\/\/|\/?\*).*$/gm, '');
}

const page = readFileSync(join(root, 'docs/guarantees.md'), 'utf8');
const files = globSync('{packages/*/{src,test}/**/*.test.ts,proof/test/*.test.ts,apps/*/test/**/*.test.ts}', {
  cwd: root,
});

test('every file of tests that the page names is there, with each title it quotes', async () => {
  const named = namedTests(page);
  assert.ok(named.length > 40 && named.some(({ titles }) => titles.length > 3), 'the page names tests');
  for (const { file, titles } of named) {
    const found = files.filter((path) => `/${path}`.endsWith(`/${file}`));
    assert.ok(found.length > 0, `${file} is not there`);
    const texts = await Promise.all(found.map((path) => readFile(join(root, path), 'utf8')));
    for (const title of titles) {
      assert.ok(
        texts.some((text) => withoutComments(text).includes(title)),
        `${file} has no test "${title}"`,
      );
    }
  }
});
