import type { Seatbelt } from 'seatbelt';
import { type Authorization, widgetTokens, withCors } from 'seatbelt/widget';
import { bundle, styleSheet } from '../build/bundle.ts';
import { type Served, serve } from './serve.ts';

export interface Host extends AsyncDisposable {
  /** The host's own page, with the widget on it. */
  readonly app: string;
  /** Where the seats are served: another origin. */
  readonly api: string;
}

/**
 * A host with its page on one origin and its seats on another: the page gets a token for whoever is signed in, and the
 * widget takes it to the seats.
 * @param signedIn who is signed in at the host; null: nobody.
 */
export async function startHost(
  seatbelt: Seatbelt,
  signedIn: () => Authorization | null,
  options: { secret: string; lifetimeSeconds?: number },
): Promise<Host> {
  const tokens = widgetTokens(options);
  const [script, style] = await Promise.all([bundle('example/page.tsx'), styleSheet()]);
  let api: Served | undefined;

  const app = await serve(async (request) => {
    switch (`${request.method} ${new URL(request.url).pathname}`) {
      case 'GET /':
        return answer(page(style, `${api?.origin}/api/billing/seats`), 'text/html; charset=utf-8');
      case 'GET /page.js':
        return answer(script, 'text/javascript');
      case 'POST /widget-token': {
        const caller = signedIn();
        return caller === null ? new Response(null, { status: 401 }) : answer(await tokens.issue(caller), 'text/plain');
      }
      default:
        return new Response(null, { status: 404 });
    }
  });
  const seats = seatbelt.handlers({ authorize: tokens.authorize });
  api = await serve(withCors(seats.fetch, { origins: [app.origin] }));

  return {
    app: app.origin,
    api: api.origin,
    async [Symbol.asyncDispose]() {
      await Promise.all([app[Symbol.asyncDispose](), api?.[Symbol.asyncDispose]()]);
    },
  };
}

function answer(body: string, type: string): Response {
  return new Response(body, { headers: { 'content-type': type } });
}

function page(style: string, seatsUrl: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>A host of Seatbelt</title>
<link rel="icon" href="data:,">
<style>:root { color-scheme: light dark } body { margin: 1rem; font-family: system-ui, sans-serif } ${style}</style>
<body data-seats="${seatsUrl}"><main><h1>Your team</h1><div id="seats"></div></main>
<script type="module" src="/page.js"></script>
`;
}
