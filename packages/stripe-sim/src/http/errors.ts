/** The four error types that Stripe documents on the wire; `rate_limit_error` exists only in client libraries. */
export type WireErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error';

export interface WireError {
  type: WireErrorType;
  message: string;
  code?: string;
  decline_code?: string;
  advice_code?: string;
  network_decline_code?: string;
  param?: string;
  doc_url?: string;
  charge?: string;
  payment_intent?: unknown;
  payment_method?: unknown;
}

export interface FailureOptions {
  /** Stripe keeps an answer under its idempotency key only once execution had begun. */
  stored?: boolean;
  /** Some refusals leave traces: a declined payment attempt is counted although the answer is 402. */
  keepsChanges?: boolean;
  headers?: Record<string, string>;
}

/** An answer that is an error in Stripe's shape. Thrown by routes and the billing code, sent by the pipeline. */
export class StripeFailure extends Error {
  readonly status: number;
  readonly error: WireError;
  readonly stored: boolean;
  readonly keepsChanges: boolean;
  readonly headers: Record<string, string>;

  constructor(status: number, error: WireError, options: FailureOptions = {}) {
    super(error.message);
    this.name = 'StripeFailure';
    this.status = status;
    this.error =
      error.code === undefined
        ? error
        : { ...error, doc_url: `https://stripe.com/docs/error-codes/${error.code.replaceAll('_', '-')}` };
    this.stored = options.stored ?? false;
    this.keepsChanges = options.keepsChanges ?? false;
    this.headers = options.headers ?? {};
  }
}

/** A 400 for parameters that cannot be used. Stripe does not keep these under the idempotency key. */
export function invalidRequest(message: string, param?: string, code?: string): StripeFailure {
  return new StripeFailure(400, {
    type: 'invalid_request_error',
    message,
    ...(param === undefined ? {} : { param }),
    ...(code === undefined ? {} : { code }),
  });
}

/** A 400 that the state of an object gives, after execution began; kept under the idempotency key. */
export function refused(message: string, param?: string, code?: string): StripeFailure {
  const failure = invalidRequest(message, param, code);
  return new StripeFailure(400, failure.error, { stored: true });
}

/** 404 for an id in the path, 400 for an id in a parameter: recorded Stripe answers differ in just this way. */
export function noSuch(kind: string, id: string, where: { path?: boolean; param?: string }): StripeFailure {
  return new StripeFailure(where.path ? 404 : 400, {
    type: 'invalid_request_error',
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param: where.param ?? 'id',
  });
}

export function unknownUrl(method: string, path: string): StripeFailure {
  return new StripeFailure(404, {
    type: 'invalid_request_error',
    message:
      `Unrecognized request URL (${method}: ${path}). If you are trying to list objects, remove the trailing slash. ` +
      'If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. ' +
      'Please see https://stripe.com/docs or we can help at https://support.stripe.com/.',
  });
}

/**
 * Something Stripe knows and the simulator does not. It says so instead of ignoring the wish: a test that passes
 * because a parameter was dropped would be worse than one that fails.
 */
export function notSimulated(what: string, param?: string): StripeFailure {
  return invalidRequest(`stripe-sim does not simulate ${what}.`, param, 'not_simulated');
}
