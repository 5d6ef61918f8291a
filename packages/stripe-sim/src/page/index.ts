import { readdirSync, readFileSync } from 'node:fs';

const here = new URL('./', import.meta.url);

/**
 * The page at `/_sim`: one HTML text that needs nothing else from anywhere, so that it works without a network and
 * without a build. Its script is a handful of ordinary modules; each travels as a data URL that the import map names.
 */
export function renderPage(): string {
  // A replacement function, because `$&` and the like in a replacement text would be taken for patterns.
  return read('page.html')
    .replace('/* page.css */', () => read('page.css'))
    .replace('{}', () => JSON.stringify({ imports: clientModules() }));
}

/** The client's modules by the names they import each other with, such as `sim/dom`. */
function clientModules(): Record<string, string> {
  const modules: Record<string, string> = {};
  for (const file of readdirSync(new URL('client/', here)).sort()) {
    const source = Buffer.from(read(`client/${file}`)).toString('base64');
    modules[`sim/${file.replace('.js', '')}`] = `data:text/javascript;base64,${source}`;
  }
  return modules;
}

function read(file: string): string {
  return readFileSync(new URL(file, here), 'utf8');
}
