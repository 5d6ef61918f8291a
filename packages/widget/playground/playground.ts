import { bundle, styleSheet } from '../build/bundle.ts';
import { type Served, serve } from '../example/serve.ts';

/** Every state of the widget on one page, without a server behind it. */
export async function startPlayground(port = 0): Promise<Served> {
  const [script, style] = await Promise.all([bundle('playground/page.tsx'), styleSheet()]);
  return serve(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === '/page.js') return new Response(script, { headers: { 'content-type': 'text/javascript' } });
    if (pathname !== '/') return new Response(null, { status: 404 });
    return new Response(page(style), { headers: { 'content-type': 'text/html; charset=utf-8' } });
  }, port);
}

function page(style: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Playground of the seat manager</title>
<link rel="icon" href="data:,">
<style>
  body { margin: 1rem; font-family: system-ui, sans-serif; background: light-dark(#f5f8f9, #14191c); color: light-dark(#1a262c, #e9eff1) }
  #states { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); gap: 1rem; align-items: start }
  article > h2 { font-size: 0.9rem; margin: 0 0 0.4rem }
  article > h2 a { color: inherit }
  ${style}
</style>
<main><h1>Seat manager</h1><div id="states"></div></main>
<script type="module" src="/page.js"></script>
`;
}
