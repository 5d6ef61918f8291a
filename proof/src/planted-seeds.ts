/**
 * Where a hunt through all seeds has last found each planted bug: `node proof/src/planted.ts --write-seeds` writes the file.
 * The gate tries that seed first. It is a place to look and nothing else: a bug counts as caught only when a check has just
 * reported it, and where the seed shows nothing any more, the hunt begins at the first one as before.
 */
import { readFileSync, writeFileSync } from 'node:fs';

const file = new URL('./planted-seeds.json', import.meta.url);

export function readSeeds(): Readonly<Record<string, number>> {
  const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (typeof read !== 'object' || read === null) throw new TypeError('planted-seeds.json is to be names with seeds.');
  const seeds: Record<string, number> = {};
  for (const [name, seed] of Object.entries(read)) {
    if (!Number.isSafeInteger(seed) || seed < 1) throw new TypeError(`planted-seeds.json: ${name} has no seed.`);
    seeds[name] = seed;
  }
  return seeds;
}

export function writeSeeds(seeds: Readonly<Record<string, number>>): void {
  const sorted = Object.fromEntries(Object.entries(seeds).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(file, `${JSON.stringify(sorted, null, 2)}\n`);
}
