/** Planted bugs are only worth something while they can be planted. */
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { original, planted } from '../src/planted-bugs.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

for (const bug of planted) {
  test(`it can be planted: ${bug.name}`, async () => {
    await original(root, bug);
  });
}
