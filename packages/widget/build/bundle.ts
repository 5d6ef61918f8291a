import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

/** The widget's own folder. */
export const widgetFolder = fileURLToPath(new URL('..', import.meta.url));

export interface BundleOptions {
  /** Left out of the bundle: React, where its weight is not the widget's. */
  readonly external?: readonly string[];
  readonly platform?: 'browser' | 'node';
}

/** One entry of the widget (or a page of its playground) as a single minified module. */
export async function bundle(
  entry: string,
  { external = [], platform = 'browser' }: BundleOptions = {},
): Promise<string> {
  const build = await rolldown({
    input: `${widgetFolder}/${entry}`,
    external: external.map((name) => new RegExp(`^${name}(/|$)`)),
    platform,
    transform: { define: { 'process.env.NODE_ENV': '"production"' }, jsx: 'react-jsx' },
    logLevel: 'warn',
  });
  try {
    const { output } = await build.generate({ format: 'esm', minify: true, codeSplitting: false });
    const [chunk] = output;
    return chunk.code;
  } finally {
    await build.close();
  }
}

export function styleSheet(): Promise<string> {
  return readFile(`${widgetFolder}/src/react/style.css`, 'utf8');
}
