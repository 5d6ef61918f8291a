import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { access, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { buildPackage } from '../src/build-package.ts';
import { repositoryRoot } from '../src/repository.ts';
import { testDatabase } from '../src/test-database.ts';

const run = promisify(execFile);

/** What a host writes. Types are checked as strictly as TypeScript can, and then it runs. */
const hostProgram = `
import Stripe from 'stripe';
import { createSeatbelt, migrate, quantityFor, SeatRefused, type SeatsBody } from 'seatbelt';
import type { OutcomeStatus } from 'seatbelt/http';
import { policy } from 'seatbelt/operator';
import { startStripeSim } from '@seatbelt/stripe-sim';
import { createSeatsClient, SeatManager } from '@seatbelt/widget';
import type { SeatsClient } from '@seatbelt/widget/client';

const databaseUrl = process.env.HOST_DATABASE_URL ?? '';
const sim = await startStripeSim();
const { subscription } = sim.admin.createDemoSubscription({ quantity: 10 });
await migrate(databaseUrl);
const stripe = new Stripe('sk_test_host', { host: '127.0.0.1', port: sim.port, protocol: 'http' });
const seatbelt = createSeatbelt({ db: databaseUrl, stripe, environment: 'test' });
await seatbelt.link('acme', { subscription: subscription.id, used: 7 });
const status: OutcomeStatus = (await seatbelt.set('acme', 12)).status;
const seats: SeatsBody = await seatbelt.seats('acme');
const refusal = await seatbelt.set('acme', 3).catch((error: unknown) => error);
const client: SeatsClient = createSeatsClient({ url: 'http://127.0.0.1:1/api/billing' });
const page = await fetch(\`http://127.0.0.1:\${sim.port}/_sim\`);
console.log(JSON.stringify({
  status,
  purchasedSeats: seats.purchasedSeats,
  refused: refusal instanceof SeatRefused ? refusal.code : null,
  page: page.status,
  functions: [typeof quantityFor, typeof policy.leaseMs],
  widget: typeof SeatManager,
  client: typeof client.seats,
}));
await seatbelt.close();
await sim.close();
`;

const isThere = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly publishConfig?: { readonly access: string };
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestIn = async (folder: string) =>
  JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;

/** What a TypeScript project has anyway. */
const ofTypeScript = ['@types/node', '@types/react'];

test('all packed packages work, with their types, in a project that has only them', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'seatbelt-host-'));
  await using database = await testDatabase({ template: 'empty' });
  try {
    const modules = join(folder, 'node_modules');
    const brought = new Set(['stripe', 'react', ...ofTypeScript]);
    for (const name of ['engine', 'stripe-sim', 'cli', 'widget']) {
      const built = await buildPackage(join(repositoryRoot, 'packages', name), join(folder, 'built', name));
      const packed = JSON.parse(
        (await run('npm', ['pack', built, '--json', '--ignore-scripts', '--pack-destination', folder])).stdout,
      ) as
        | { filename: string; files: { path: string }[] }[]
        | Record<string, { filename: string; files: { path: string }[] }>;
      const [tarball] = Object.values(packed);
      assert.ok(tarball);
      const paths = tarball.files.map(({ path }) => path);
      assert.deepEqual(
        paths.filter((path) => /\.test\.|golden|fixture|testing\/|(?<!\.d)\.tsx?$/.test(path)),
        [],
        'nothing of tests, and no TypeScript, which Node would not run there',
      );
      assert.ok(paths.includes('LICENSE') && paths.includes('README.md'));
      assert.doesNotMatch(
        await readFile(join(built, 'README.md'), 'utf8'),
        /\]\((?!https:)/,
        'a link into the repository leads nowhere from npm',
      );
      const source = await manifestIn(join(repositoryRoot, 'packages', name));
      assert.equal(source.private, true, 'npm refuses to publish the sources');
      const manifest = await manifestIn(built);
      assert.equal(manifest.private, undefined, 'npm publishes what was built');
      assert.equal(manifest.publishConfig?.access, 'public', 'npm takes a name with a scope for a private package');
      const doors = Object.values(manifest.exports).flatMap((door) =>
        typeof door === 'string' ? door : Object.values(door),
      );
      assert.deepEqual(
        doors.filter((path) => !paths.includes(path.replace('./', ''))),
        [],
        'every door leads to a file, styles as well',
      );
      const place = join(modules, manifest.name);
      await mkdir(place, { recursive: true });
      await run('tar', ['-xzf', join(folder, tarball.filename), '-C', place, '--strip-components=1']);
      for (const dependency of Object.keys(manifest.dependencies ?? {})) brought.add(dependency);
    }
    for (const dependency of brought) {
      // Ours are there as they were packed.
      if (await isThere(join(modules, dependency))) continue;
      await mkdir(dirname(join(modules, dependency)), { recursive: true });
      await symlink(join(repositoryRoot, 'node_modules', dependency), join(modules, dependency));
    }
    await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
    await writeFile(join(folder, 'host.ts'), hostProgram);
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: {
          target: 'es2023',
          module: 'nodenext',
          strict: true,
          exactOptionalPropertyTypes: true,
          types: ['node'],
          outDir: 'out',
        },
        files: ['host.ts'],
      }),
    );
    await run(process.execPath, [join(repositoryRoot, 'node_modules/.bin/tsc'), '-p', folder]).catch(
      (error: { stdout?: string }) => assert.fail(`The host's types do not hold:\n${error.stdout}`),
    );
    await cp(join(folder, 'out/host.js'), join(folder, 'host.js'));
    const { stdout } = await run(process.execPath, [join(folder, 'host.js')], {
      cwd: folder,
      env: { ...process.env, HOST_DATABASE_URL: database.url },
    });
    assert.deepEqual(JSON.parse(stdout), {
      status: 'applied',
      purchasedSeats: 12,
      refused: 'below_used',
      page: 200,
      functions: ['function', 'number'],
      widget: 'function',
      client: 'function',
    });
    const help = await run(process.execPath, [join(modules, '@seatbelt/stripe-sim/bin.js'), '--help']);
    assert.match(help.stdout, /stripe-sim/);
    const status = await run(process.execPath, [join(modules, '@seatbelt/cli/bin.js'), 'status', '--json'], {
      env: { ...process.env, DATABASE_URL: database.url, SEATBELT_ENVIRONMENT: 'test' },
    });
    assert.match(status.stdout, /"acme"/);
    const { version } = JSON.parse(await readFile(join(modules, '@seatbelt/cli/package.json'), 'utf8'));
    const told = await run(process.execPath, [join(modules, '@seatbelt/cli/bin.js'), '--version']);
    assert.equal(told.stdout.trim(), version);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
