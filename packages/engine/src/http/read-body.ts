import { Problem } from './problem.ts';

/** The body's bytes, read no further than `limit`. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  const declared = request.headers.get('content-length');
  if (declared !== null && Number(declared) > limit) throw tooLarge(limit);
  if (request.body === null) return new Uint8Array();
  if (request.bodyUsed) throw bodyTaken();

  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      throw new Problem({
        status: 400,
        code: 'body_incomplete',
        title: 'The body did not arrive',
        detail: `The body of the request did not arrive completely (${error instanceof Error ? error.name : 'unknown reason'}).`,
      });
    });
    if (done) break;
    length += value.byteLength;
    if (length > limit) {
      // The rest is not read; that it may fail to stop changes nothing for the answer.
      reader.cancel().catch(() => undefined);
      throw tooLarge(limit);
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/** A JSON body as the value it stands for. */
export async function readJson(request: Request, limit: number): Promise<unknown> {
  refuseUnlessJson(request);
  const bytes = await readBytes(request, limit);
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    return value;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    throw new Problem({
      status: 400,
      code: 'malformed_json',
      title: 'Not JSON',
      detail:
        bytes.byteLength === 0
          ? 'The request has no body; JSON is needed.'
          : 'The body of the request is not JSON in UTF-8.',
    });
  }
}

/**
 * Only `application/json` is taken. A page of another site cannot send that type with the user's cookie without asking
 * first, and no route here answers that question, so this also keeps forged requests out.
 */
function refuseUnlessJson(request: Request): void {
  const [type = '', ...parameters] = (request.headers.get('content-type') ?? '').split(';');
  const isJson = type.trim().toLowerCase() === 'application/json';
  const isUtf8 = parameters.every((parameter) => {
    const [name = '', value = ''] = parameter.split('=');
    return name.trim().toLowerCase() !== 'charset' || /^"?utf-?8"?$/i.test(value.trim());
  });
  if (isJson && isUtf8) return;
  throw new Problem({
    status: 415,
    code: 'unsupported_media_type',
    title: 'Only JSON is taken',
    detail: 'Send the body as JSON in UTF-8, with the header Content-Type: application/json.',
    headers: { accept: 'application/json' },
  });
}

function tooLarge(limit: number): Problem {
  return new Problem({
    status: 413,
    code: 'body_too_large',
    title: 'The body is too large',
    detail: `The body may have at most ${limit} bytes.`,
  });
}

/** The host's mistake, said to whoever builds it in. Nothing was asked of the engine yet. */
function bodyTaken(): Problem {
  return new Problem({
    status: 500,
    code: 'internal_error',
    title: 'A bug in how the handler is called',
    detail: 'The body was read before the handler got the request. Pass it on unread. Nothing was changed.',
  });
}
