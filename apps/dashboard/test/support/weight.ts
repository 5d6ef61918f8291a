import { gzipSync } from 'node:zlib';

export interface Weighed {
  readonly path: string;
  readonly gzipBytes: number;
}

/** The scripts that a page names in its HTML: what a browser fetches before the page works. */
export async function firstLoad(address: string): Promise<Weighed[]> {
  const html = await (await fetch(address, { headers: { accept: 'text/html' } })).text();
  // What is marked `nomodule` is for browsers of long ago; no other fetches it.
  const tags = [...html.matchAll(/<script[^>]+src="([^"]+\.js[^"]*)"(?![^>]*noModule)/gi)];
  return weighed(address, new Set(tags.map((tag) => tag[1] ?? '')));
}

/** What these scripts weigh on the wire. */
export function weighed(address: string, paths: ReadonlySet<string>): Promise<Weighed[]> {
  return Promise.all(
    [...paths].map(async (path) => {
      const code = Buffer.from(await (await fetch(new URL(path, address))).arrayBuffer());
      return { path, gzipBytes: gzipSync(code).length };
    }),
  );
}

export function totalOf(scripts: readonly Weighed[]): number {
  return scripts.reduce((total, { gzipBytes }) => total + gzipBytes, 0);
}
