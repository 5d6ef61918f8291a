import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { repositoryRoot } from '../repository.ts';

// Tests that start the whole product take longest.
const places = ['packages/dev', 'apps', 'proof', 'bench', 'packages'];
/** Short to read and long to run: each starts the product and waits for what takes its time. */
export const longerThanTheyLook: readonly string[] = [
  'apps/dashboard/test/fault-lab.test.ts',
  'apps/dashboard/test/faults.test.ts',
  'bench/test/bench.test.ts',
  'packages/cli/test/worker.test.ts',
];
const notOurs = new Set(['node_modules', '.next', 'dist', '.seatbelt', 'coverage']);

/**
 * Every test file of the repository, as paths from its root, whose path contains one of `only` (all of them if it is
 * empty). The ones that take long come first, so that the run does not end with one of them alone.
 */
export function findTestFiles(only: string[]): string[] {
  // A checkout has no empty folders.
  const present = places.filter((place) => existsSync(join(repositoryRoot, place)));
  const files = new Set(present.flatMap((place) => walk(join(repositoryRoot, place))));
  const wanted = [...files]
    .map((file) => relative(repositoryRoot, file))
    .filter((file) => only.length === 0 || only.some((part) => file.includes(part)));
  const first = (file: string) => longerThanTheyLook.includes(file);
  return [...wanted.filter(first), ...wanted.filter((file) => !first(file))];
}

function walk(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory() && !notOurs.has(entry.name)) found.push(...walk(join(folder, entry.name)));
    if (entry.isFile() && /\.test\.tsx?$/.test(entry.name)) found.push(join(folder, entry.name));
  }
  // What is longer to read takes longer to run, mostly.
  const sizes = new Map(found.map((file) => [file, statSync(file).size]));
  return found.sort((one, other) => (sizes.get(other) ?? 0) - (sizes.get(one) ?? 0) || (one < other ? -1 : 1));
}
