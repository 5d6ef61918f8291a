/**
 * `npm run build` in a package that is published: its `src` becomes `dist`, JavaScript and declarations file by file, with
 * a package.json of its own, so `dist` is what `npm publish` is given; the package itself is private, or its TypeScript
 * could be published. In the repository nothing needs `dist`: Node runs the TypeScript itself, which it does not do below
 * `node_modules`.
 *
 *   node build-package.ts [folder of the package] [where dist goes]
 */
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { repositoryRoot } from './repository.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly private?: boolean;
  readonly scripts?: unknown;
  readonly devDependencies?: unknown;
}

/** A package of this repository that another one depends on. */
interface Ours {
  readonly folder: string;
  readonly manifest: Manifest;
}

/** Builds one package. @returns the folder that can be packed. @throws Error with the compiler's words. */
export async function buildPackage(folder: string, out: string = join(folder, 'dist')): Promise<string> {
  const manifest = await manifestOf(folder);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const ours = await dependenciesOfOurs(manifest);
  const doors = [...Object.values(manifest.exports), ...Object.values(manifest.bin ?? {}).map(command)];
  const scratch = await mkdtemp(join(tmpdir(), 'seatbelt-build-'));
  try {
    // What they are built against is what they get: a package's declarations, not its sources.
    const paths = await Promise.all(ours.map((one) => declarations(one, join(scratch, one.manifest.name))));
    await compile(folder, out, doors.filter(isProgram), Object.assign({}, ...paths));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  await copyAssets(join(folder, 'src'), out);
  await cp(join(repositoryRoot, 'LICENSE'), join(out, 'LICENSE'));
  await cp(join(folder, 'README.md'), join(out, 'README.md'));
  await writeFile(join(out, 'package.json'), `${JSON.stringify(published(manifest, ours), null, 2)}\n`);
  return out;
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

async function dependenciesOfOurs({ dependencies = {} }: Manifest): Promise<Ours[]> {
  const packages = join(repositoryRoot, 'packages');
  const all = await Promise.all(
    (await readdir(packages)).map(async (name): Promise<Ours> => {
      const folder = join(packages, name);
      return { folder, manifest: await manifestOf(folder) };
    }),
  );
  return all.filter(({ manifest }) => manifest.name in dependencies);
}

/** Builds a package and says where the compiler finds what stands behind each of its doors. */
async function declarations({ folder, manifest }: Ours, out: string): Promise<Record<string, [string]>> {
  await buildPackage(folder, out);
  return Object.fromEntries(
    Object.entries(manifest.exports)
      .filter(([, path]) => isProgram(path))
      .map(([door, path]) => [join(manifest.name, door), [join(out, `${built(path)}.d.ts`)]]),
  );
}

const isProgram = (path: string) => /\.tsx?$/.test(path);

/** Where a source comes to lie, without what its name ends with. */
const built = (path: string) => path.replace('./src/', './').replace(/\.tsx?$/, '');

/** A `bin.js` beside `src` stands before the TypeScript only, for a Node that cannot read it. */
const command = (path: string) => path.replace(/^\.\/bin\.js$/, './src/bin.ts');

/** Without `./`, which npm would take off a command with a warning. */
const program = (path: string) => `${built(command(path)).replace('./', '')}.js`;

/** Only what the doors of the package reach is compiled, so tests and their helpers stay here. */
async function compile(
  folder: string,
  out: string,
  entries: readonly string[],
  paths: Readonly<Record<string, readonly string[]>>,
): Promise<void> {
  const project = join(out, 'tsconfig.json');
  const own = join(folder, 'tsconfig.json');
  const settings = {
    extends: relative(out, (await isThere(own)) ? own : join(repositoryRoot, 'tsconfig.base.json')),
    compilerOptions: {
      paths,
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: join(folder, 'src'),
      outDir: out,
      typeRoots: [join(repositoryRoot, 'node_modules/@types')],
    },
    files: entries.map((entry) => join(folder, entry)),
    include: [],
  };
  await writeFile(project, JSON.stringify(settings));
  const tsc = join(repositoryRoot, 'node_modules/.bin/tsc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The compiler refused ${folder}:\n${stdout}${stderr}`);
  await rm(project);
}

/** What is handed to browsers as it is. By kind, because a text or JSON beside the sources is what a test compares with. */
const isAsset = (path: string) => /\.(css|html|js)$/.test(path);

/** Assets stand beside the code that reads them, as they do in `src`. */
async function copyAssets(src: string, out: string): Promise<void> {
  const assets = (await readdir(src, { recursive: true })).filter(isAsset);
  await Promise.all(assets.map((path) => cp(join(src, path), join(out, path))));
}

function published(
  { private: _private, scripts: _scripts, devDependencies: _development, ...manifest }: Manifest,
  ours: readonly Ours[],
): object {
  const versions = Object.fromEntries(ours.map((one) => [one.manifest.name, `^${one.manifest.version}`]));
  return {
    ...manifest,
    // Without it npm takes a name with a scope for a package that only some may read, and refuses it.
    publishConfig: { access: 'public' },
    exports: Object.fromEntries(
      Object.entries(manifest.exports).map(([door, path]) => [
        door,
        isProgram(path) ? { types: `${built(path)}.d.ts`, default: `${built(path)}.js` } : path.replace('./src/', './'),
      ]),
    ),
    ...(manifest.bin
      ? { bin: Object.fromEntries(Object.entries(manifest.bin).map(([name, path]) => [name, program(path)])) }
      : {}),
    ...(manifest.dependencies ? { dependencies: { ...manifest.dependencies, ...versions } } : {}),
  };
}

async function isThere(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

if (basename(process.argv[1] ?? '') === 'build-package.ts') {
  const [, , folder = '.', out] = process.argv;
  const built = relative(
    process.cwd(),
    await buildPackage(resolve(folder), out === undefined ? undefined : resolve(out)),
  );
  // Without `./` npm takes `dist` for a package of that name in the registry.
  process.stdout.write(`Built ${built}. To publish: npm publish ./${built}\n`);
}
