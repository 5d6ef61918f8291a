/**
 * `npm run build` in a package that is published: its `src` becomes `dist`, JavaScript and declarations file by file, with
 * a package.json of its own, so `dist` is what `npm publish` is given. In the repository nothing needs it: Node runs the
 * TypeScript itself, which it does not do below `node_modules`.
 *
 *   node build-package.ts [folder of the package] [where dist goes]
 */
import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, extname, join, relative, resolve } from 'node:path';
import { repositoryRoot } from './repository.ts';

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly bin?: Readonly<Record<string, string>>;
  readonly scripts?: unknown;
  readonly devDependencies?: unknown;
}

/** Builds one package. @returns the folder that can be packed. @throws Error with the compiler's words. */
export async function buildPackage(folder: string, out: string = join(folder, 'dist')): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await compile(folder, out, [...Object.values(manifest.exports), ...Object.values(manifest.bin ?? {})]);
  await copyAssets(join(folder, 'src'), out);
  await cp(join(repositoryRoot, 'LICENSE'), join(out, 'LICENSE'));
  const readme = (await isThere(join(folder, 'README.md'))) ? folder : repositoryRoot;
  await cp(join(readme, 'README.md'), join(out, 'README.md'));
  await writeFile(join(out, 'package.json'), `${JSON.stringify(published(manifest), null, 2)}\n`);
  return out;
}

/** Only what the doors of the package reach is compiled, so tests and their helpers stay here. */
async function compile(folder: string, out: string, entries: readonly string[]): Promise<void> {
  const project = join(out, 'tsconfig.json');
  const settings = {
    extends: relative(out, join(repositoryRoot, 'tsconfig.base.json')),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rewriteRelativeImportExtensions: true,
      rootDir: join(folder, 'src'),
      outDir: out,
      typeRoots: [join(repositoryRoot, 'node_modules/@types')],
    },
    files: entries.map((entry) => join(folder, entry)),
  };
  await writeFile(project, JSON.stringify(settings));
  const tsc = join(repositoryRoot, 'node_modules/.bin/tsc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', project], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`The compiler refused ${folder}:\n${stdout}${stderr}`);
  await rm(project);
}

/** Files that the code reads, such as a page with its styles, stand beside it as they do in `src`. */
async function copyAssets(src: string, out: string): Promise<void> {
  await cp(src, out, {
    recursive: true,
    filter: (path) => extname(path) === '' || extname(path) !== '.ts',
  });
}

function published({ scripts: _scripts, devDependencies: _development, ...manifest }: Manifest): object {
  const built = (path: string) => path.replace('./src/', './').replace(/\.ts$/, '');
  return {
    ...manifest,
    exports: Object.fromEntries(
      Object.entries(manifest.exports).map(([door, path]) => [
        door,
        { types: `${built(path)}.d.ts`, default: `${built(path)}.js` },
      ]),
    ),
    ...(manifest.bin
      ? { bin: Object.fromEntries(Object.entries(manifest.bin).map(([name, path]) => [name, `${built(path)}.js`])) }
      : {}),
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
  const built = await buildPackage(resolve(folder), out === undefined ? undefined : resolve(out));
  process.stdout.write(
    `Built ${relative(process.cwd(), built)}. To publish: npm publish ${relative(process.cwd(), built)}\n`,
  );
}
