import { Refused } from './problem.ts';

/** The largest body that is read: a list of a thousand addresses has room, and nobody fills the memory. */
export const bodyLimit = 256 * 1024;

/**
 * The text of a body, read no further than `bodyLimit` bytes, whatever its sender says of its length.
 * @throws Refused 413
 */
export async function limitedText(request: Request): Promise<string> {
  if (Number(request.headers.get('content-length') ?? 0) > bodyLimit) throw tooLarge();
  if (request.body === null) return '';
  const reader = request.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (let length = 0; ; ) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.byteLength;
    if (length > bodyLimit) {
      // The rest is not read; that it may fail to stop changes nothing for the answer.
      reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    text += decoder.decode(value, { stream: true });
  }
}

function tooLarge(): Refused {
  return new Refused({
    status: 413,
    code: 'body_too_large',
    title: 'Too much at once',
    detail: 'That is more than one request may hold. Nothing was changed. Send it in parts.',
  });
}
