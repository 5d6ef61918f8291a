import type { ProblemBody, SeatChangeBody, SeatsBody } from '../../src/http/contract.ts';
import type { Authorization } from '../../src/index.ts';
import { type Product, type ProductOptions, product } from '../product.ts';

export const webhookSecret = 'whsec_contract';
const origin = 'https://app.example';

/** What came back, with its body read. */
export interface Answered<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

/** The whole product behind `handlers.fetch`: real PostgreSQL, real engine, the simulator as Stripe. */
export interface ServedProduct extends Product {
  /** Sends any request, as the given caller. */
  fetch(request: Request): Promise<Response>;
  get<Body = SeatsBody>(path: string): Promise<Answered<Body>>;
  post<Body = SeatChangeBody>(body: unknown, headers?: Record<string, string>): Promise<Answered<Body>>;
  put<Body = SeatChangeBody>(body: unknown, headers?: Record<string, string>): Promise<Answered<Body>>;
  preview<Body>(body: unknown): Promise<Answered<Body>>;
  /** Who asks from now on; null: nobody known. */
  as(caller: Authorization | null): void;
  /** Everything an accepted request would have moved, from the tables. */
  written(): Promise<{ changes: number; audit: number; version: string }>;
}

export const owner: Authorization = { organization: 'org_test', actor: 'user_owner', may: 'change' };

export async function servedProduct(options: ProductOptions = {}): Promise<ServedProduct> {
  const shop = await product({
    ...options,
    engine: { webhookSecrets: [webhookSecret], tickSecret: 'tick-secret', ...options.engine },
  });
  let caller: Authorization | null = owner;
  const handlers = shop.seatbelt.handlers({ authorize: () => caller });

  async function ask<Body>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
    const response = await handlers.fetch(
      new Request(`${origin}${path}`, {
        method,
        headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
    return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
  }

  return {
    ...shop,
    fetch: handlers.fetch,
    get: <Body>(path: string) => ask<Body>('GET', path),
    post: <Body>(body: unknown, headers?: Record<string, string>) =>
      ask<Body>('POST', '/api/billing/seats', body, headers),
    put: <Body>(body: unknown, headers?: Record<string, string>) =>
      ask<Body>('PUT', '/api/billing/seats', body, headers),
    preview: <Body>(body: unknown) => ask<Body>('POST', '/api/billing/seats/preview', body),
    as(next) {
      caller = next;
    },
    async written() {
      const { rows } = await shop.pool.query(
        `select (select count(*)::int from seatbelt.seat_changes) as changes,
                (select count(*)::int from seatbelt.audit) as audit,
                (select coalesce(string_agg(version::text, ',' order by organization_id), '') from seatbelt.accounts) as version`,
      );
      return rows[0];
    },
    [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose](),
  };
}

export type { ProblemBody };
