/** What the product said to a caller of its HTTP doors: the facts that people decide by. */
export type Answer = {
  /** HTTP's. */
  httpStatus: number;
  /** What became of the change, as far as the answer says. */
  status: string | null;
  /** Why not, where it was refused or rolled back. */
  code: string | null;
  /** true: applied. false: nothing changed. null: nobody knows yet. Undefined where the answer has no such field. */
  success: boolean | null | undefined;
  body: Record<string, unknown>;
};

/** One organization, as a server with the API key sees it. */
export type Doors = {
  put(body: object, waitSeconds?: number): Promise<Answer>;
  post(body: object, waitSeconds?: number): Promise<Answer>;
  get(): Promise<Answer>;
};

// Longer than the product itself ever lets a caller wait.
const patienceMs = 60_000;

export function doorsOf(url: string, apiKey: string, organization: string, signal: AbortSignal): Doors {
  const ask = async (method: string, body?: object, waitSeconds?: number): Promise<Answer> => {
    const answer = await fetch(`${url}/api/billing/seats`, {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        'seatbelt-organization': organization,
        'content-type': 'application/json',
        ...(waitSeconds === undefined ? {} : { prefer: `wait=${waitSeconds}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]),
    });
    return toAnswer(answer.status, (await answer.json()) as Record<string, unknown>);
  };
  return {
    put: (body, waitSeconds) => ask('PUT', body, waitSeconds),
    post: (body, waitSeconds) => ask('POST', body, waitSeconds),
    get: () => ask('GET'),
  };
}

function toAnswer(httpStatus: number, body: Record<string, unknown>): Answer {
  const { status, code, success } = body;
  return {
    httpStatus,
    // A problem document repeats HTTP's number there.
    status: typeof status === 'string' ? status : null,
    code: typeof code === 'string' ? code : null,
    success: success === null || typeof success === 'boolean' ? success : undefined,
    body,
  };
}
