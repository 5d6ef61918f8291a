import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';
import { cacheDirectory } from './cache-directory.ts';
import { systemCode } from './embedded-postgres/problem.ts';

/** A browser that can be started: the program, and what has to be in its environment. */
export type BrowserProgram = { executablePath: string; environment: Record<string, string> };

/**
 * Starts a headless Chromium for a browser test. It comes from the npm package `@sparticuz/chromium` on Linux x64 and
 * needs nothing of the system, not even fonts or libraries; elsewhere an installed Chrome or Chromium is used, or the
 * one that CHROMIUM_PATH names. Works as root and as an ordinary user. Close it with `browser.close()`.
 *
 * @throws Error with a sentence if there is no browser on this machine.
 */
export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  const program = await findBrowser();
  return await chromium.launch({
    ...options,
    executablePath: program.executablePath,
    env: { ...process.env, ...program.environment },
    args: [
      // The sandbox needs privileges that containers do not give, and the only pages are our own.
      '--no-sandbox',
      '--disable-setuid-sandbox',
      // Containers often have 64 MB of shared memory, which is less than one page needs.
      '--disable-dev-shm-usage',
      // The same glyph widths on every machine.
      '--font-render-hinting=none',
      ...(options.args ?? []),
    ],
  });
}

const installedBrowsers = [
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Which browser `launchChromium` starts. */
export async function findBrowser(): Promise<BrowserProgram> {
  const named = process.env.CHROMIUM_PATH;
  if (named !== undefined) return { executablePath: named, environment: {} };
  if (process.platform === 'linux' && process.arch === 'x64') return await bundledBrowser();
  const installed = installedBrowsers.find((path) => existsSync(path));
  if (installed !== undefined) return { executablePath: installed, environment: {} };
  throw new Error(
    `The bundled Chromium is for Linux x64 only, and no installed browser was found (looked at ${installedBrowsers.join(', ')}). Install one, or name it by CHROMIUM_PATH.`,
  );
}

async function bundledBrowser(): Promise<BrowserProgram> {
  const folder = await unpacked();
  const executablePath = join(folder, 'chromium');
  const environment = { FONTCONFIG_FILE: join(folder, 'fonts', 'seatbelt-fonts.conf') };
  const alone = spawnSync(executablePath, ['--version'], { encoding: 'utf8' });
  if (alone.status === 0) return { executablePath, environment };
  // A bare machine has no NSS libraries; the package brings those of another Linux, made for an older C library.
  const libraries = { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') };
  const withLibraries = spawnSync(executablePath, ['--version'], {
    encoding: 'utf8',
    env: { ...process.env, ...libraries },
  });
  if (withLibraries.status === 0) return { executablePath, environment: { ...environment, ...libraries } };
  throw new Error(
    `The bundled Chromium does not start on this machine: ${withLibraries.stderr?.trim() || alone.stderr?.trim() || String(withLibraries.error)}`,
  );
}

/**
 * Unpacks the browser (211 MB, two seconds) once into the cache. The package itself unpacks to fixed names in the
 * system's temporary folder, where two processes or two users get in each other's way; so it runs with a temporary
 * folder of its own, which is renamed when it is complete.
 */
async function unpacked(): Promise<string> {
  const entry = fileURLToPath(import.meta.resolve('@sparticuz/chromium'));
  const { version } = JSON.parse(readFileSync(join(dirname(dirname(entry)), 'package.json'), 'utf8'));
  const goal = join(cacheDirectory(), `chromium-${version}`);
  if (existsSync(goal)) return goal;

  const unfinished = await mkdtemp(`${goal}.unpacking-`);
  try {
    const script = `import chromium from ${JSON.stringify(entry)}; await chromium.executablePath();`;
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      // This name of an execution environment makes it unpack its libraries as well.
      env: { ...process.env, TMPDIR: unfinished, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
    });
    writeFileSync(join(unfinished, 'fonts', 'seatbelt-fonts.conf'), fontsConfiguration(goal));
    await rename(unfinished, goal);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another process was faster.
    if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error;
  }
  return goal;
}

function fontsConfiguration(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`;
}
