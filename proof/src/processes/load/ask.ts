import { type Agent, request as send } from 'node:http';
import type { Heard } from '../checker/evidence.ts';

export interface Asked {
  readonly port: number;
  readonly method: 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly organization: string;
  readonly apiKey: string;
  readonly key?: string;
  readonly body?: unknown;
  /** Seconds the server is to wait for the outcome. */
  readonly waitSeconds?: number;
  /** After this the client gives up and knows nothing. */
  readonly timeoutMs: number;
  readonly agent?: Agent;
}

export type Came =
  | { readonly is: 'answer'; readonly http: number; readonly body: unknown; readonly text: string }
  | { readonly is: 'silence'; readonly why: string };

/** One request over HTTP, as any client would make it. Never rejects: no answer is an outcome like the others. */
export function ask(asked: Asked): Promise<Came> {
  const { promise, resolve } = Promise.withResolvers<Came>();
  const text = asked.body === undefined ? undefined : JSON.stringify(asked.body);
  const outgoing = send(
    {
      host: '127.0.0.1',
      port: asked.port,
      method: asked.method,
      path: asked.path,
      ...(asked.agent ? { agent: asked.agent } : {}),
      headers: {
        authorization: `Bearer ${asked.apiKey}`,
        'seatbelt-organization': asked.organization,
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...(asked.key === undefined ? {} : { 'idempotency-key': asked.key }),
        ...(asked.waitSeconds === undefined ? {} : { prefer: `wait=${asked.waitSeconds}` }),
      },
    },
    (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', () => resolve({ is: 'silence', why: 'cut in the middle of the answer' }));
      incoming.on('close', () => resolve({ is: 'silence', why: 'cut in the middle of the answer' }));
      incoming.on('end', () => {
        if (!incoming.complete) return resolve({ is: 'silence', why: 'cut in the middle of the answer' });
        const said = Buffer.concat(chunks).toString('utf8');
        resolve({ is: 'answer', http: incoming.statusCode ?? 0, body: parsed(said), text: said });
      });
    },
  );
  const timer = setTimeout(() => {
    resolve({ is: 'silence', why: `no answer within ${asked.timeoutMs} ms` });
    outgoing.destroy();
  }, asked.timeoutMs);
  outgoing.on('error', (error: NodeJS.ErrnoException) => resolve({ is: 'silence', why: error.code ?? error.message }));
  outgoing.end(text);
  return promise.finally(() => clearTimeout(timer));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Codes of problem documents that say that nothing was written. */
const nothingWritten: ReadonlySet<string> = new Set(['database_unavailable', 'busy', 'stripe_unavailable']);

/** The answer to a POST or PUT in the words of the contract, and of nothing else. */
export function heardOf(came: Came): Heard {
  if (came.is === 'silence') return came;
  const { http, body, text } = came;
  const said = (typeof body === 'object' && body !== null ? body : {}) as {
    readonly status?: unknown;
    readonly success?: unknown;
    readonly code?: unknown;
    readonly change?: { readonly id?: unknown };
  };
  if (typeof said.status === 'string' && typeof said.change?.id === 'string') {
    const success = said.success === true || said.success === false ? said.success : null;
    return { is: 'change', status: said.status, success, change: said.change.id, http };
  }
  if (typeof said.code === 'string') {
    if (http === 503 && said.code === 'outcome_unknown') return { is: 'unknown', code: said.code, http };
    if ((http === 503 || http === 502) && nothingWritten.has(said.code))
      return { is: 'nothing_written', code: said.code, http };
    // The dashboard's own limit on attempts: it stands before everything else and says that nothing was changed.
    if (http === 429) return { is: 'nothing_written', code: said.code, http };
    if (http === 409 || http === 422) return { is: 'refused', code: said.code, http };
  }
  return { is: 'nonsense', http, text: text.slice(0, 200) };
}
