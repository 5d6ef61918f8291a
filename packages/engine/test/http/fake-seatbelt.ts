import Stripe from 'stripe';
import type { Logger } from '../../src/alerts/alerts.ts';
import type { ChangeBody, OutcomeStatus, ProblemBody, SeatChangeBody, SeatsBody } from '../../src/http/contract.ts';
import {
  type Authorization,
  createHandlers,
  type HandlerOptions,
  type Handlers,
  type ServedSeatbelt,
} from '../../src/http/handlers.ts';

/** An engine that answers what a test tells it to, and writes down what it was asked. For the HTTP edge alone. */
export interface Fake {
  readonly handlers: Handlers;
  readonly calls: readonly { readonly verb: keyof ServedSeatbelt; readonly given: readonly unknown[] }[];
  readonly lines: readonly {
    readonly level: string;
    readonly fields: Readonly<Record<string, unknown>>;
    readonly message: string;
  }[];
}

export const changeId = '6d0f7a62-0f7f-4c0b-9d67-0c7a3d2f4c11';
export const owner: Authorization = { organization: 'org_1', actor: 'user_1', may: 'change' };
export const stripe = new Stripe('sk_test_fake');

export function fake(answers: Partial<ServedSeatbelt> = {}, options: Partial<HandlerOptions> = {}): Fake {
  const calls: { verb: keyof ServedSeatbelt; given: readonly unknown[] }[] = [];
  const lines: { level: string; fields: Readonly<Record<string, unknown>>; message: string }[] = [];
  const asked =
    <Given extends readonly unknown[], Answer>(
      verb: keyof ServedSeatbelt,
      answer: (...given: Given) => Promise<Answer>,
    ) =>
    (...given: Given): Promise<Answer> => {
      calls.push({ verb, given });
      return answer(...given);
    };
  const applied = async () => outcome('applied');
  const seatbelt: ServedSeatbelt = {
    seats: asked('seats', answers.seats ?? (async () => seats)),
    changes: asked('changes', answers.changes ?? (async () => ({ changes: [change('applied')], before: null }))),
    change: asked('change', answers.change ?? (async () => null)),
    set: asked('set', answers.set ?? applied),
    add: asked('add', answers.add ?? applied),
    assign: asked('assign', answers.assign ?? applied),
    release: asked('release', answers.release ?? applied),
    transfer: asked('transfer', answers.transfer ?? applied),
    cancel: asked('cancel', answers.cancel ?? applied),
    approve: asked('approve', answers.approve ?? applied),
    decline: asked('decline', answers.decline ?? applied),
    preview: asked(
      'preview',
      answers.preview ??
        (async () => ({
          quote: 'q',
          amountDue: 1,
          total: 1,
          currency: 'usd',
          dueNow: 1,
          atRenewal: { amountDue: 1, total: 1, at: null },
          credit: 0,
          charge: 1,
          tax: 0,
          discount: 0,
          lines: [],
          expiresAt: '2026-11-22',
        })),
    ),
    receive: asked('receive', answers.receive ?? (async () => ({ seenBefore: false }))),
    tick: asked('tick', answers.tick ?? (async () => ({ tookMs: 1 }))),
    metricsText: answers.metricsText ?? (async () => ''),
    health: asked(
      'health',
      answers.health ?? (async () => ({ status: 'ok', database: 'ok', stripe: 'ok', worker: 'ok' })),
    ),
  };
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields: { ...fields }, message });
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    fatal: write('fatal'),
  };
  const handlers = createHandlers(seatbelt, {
    authorize: () => owner,
    webhookSecrets: ['whsec_one'],
    tickSecret: 'tick-secret',
    metricsKey: null,
    stripe,
    logger,
    ...options,
  });
  return { handlers, calls, lines };
}

export const seats: SeatsBody = {
  status: 'active',
  version: 1,
  readAt: '2026-11-30T12:00:00.000Z',
  purchasedSeats: 10,
  settledSeats: 10,
  usedSeats: 7,
  assignedSeats: 7,
  reservedSeats: 0,
  availableSeats: 3,
  minimumSeats: 0,
  maximumSeats: null,
  mode: 'prepaid',
  pending: null,
  hold: null,
  pausedReason: null,
  incidents: [],
  scheduled: null,
  awaitingApproval: [],
  billing: null,
};

export function change(status: OutcomeStatus): ChangeBody {
  return {
    id: changeId,
    kind: 'set',
    status,
    quantity: 12,
    seatsBefore: 10,
    seatsAfter: 12,
    actor: 'user_1',
    reason: null,
    code: null,
    message: null,
    payment: false,
    supersededBy: null,
    requestedAt: '2026-11-22T00:00:00.000Z',
    endedAt: null,
    waitsUntil: null,
    url: `/api/billing/seats/changes/${changeId}`,
  };
}

export function outcome(status: OutcomeStatus, more: Partial<SeatChangeBody> = {}): SeatChangeBody {
  return {
    status,
    success: status === 'applied' ? true : status === 'rolled_back' ? false : null,
    usedSeats: 7,
    purchasedSeats: 10,
    availableSeats: 3,
    billingExpanded: false,
    change: change(status),
    ...more,
  };
}

const origin = 'https://app.example';

export function get(path: string, headers: Record<string, string> = {}): Request {
  return new Request(`${origin}${path}`, { headers });
}

/** A request with a JSON body; a string is sent as it is. */
export function send(
  method: 'POST' | 'PUT',
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Request {
  return new Request(`${origin}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

export async function problemOf(response: Response): Promise<ProblemBody> {
  if (response.headers.get('content-type') !== 'application/problem+json') {
    throw new Error(`Not a problem document: ${response.status} ${await response.text()}`);
  }
  return (await response.json()) as ProblemBody;
}

/** A JSON object, as it came over the wire. */
export async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>;
}
