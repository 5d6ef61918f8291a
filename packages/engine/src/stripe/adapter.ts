import Stripe from 'stripe';
import { withoutSecrets } from '../alerts/without-secrets.ts';
import { idempotencyKey, stripeApiVersion, voidKey, voidRequest } from '../core/stripe-request.ts';
import type { Answer, BillingBehavior, LookResult, OpenPush, StripeLink } from '../core/types.ts';
import { type Envelope, type Exchange, type HttpClient, SingleSend, withinDeadline } from './exchange.ts';
import { describe, isMissing, readAnswer, readError, readLook } from './read-answer.ts';
import { type EventLike, eventTypes, isEvent } from './read-event.ts';
import { readList } from './read-list.ts';
import { type InvoicePreview, readPreview } from './read-preview.ts';
import { readInvoice, readItem, readSubscription, type SubscriptionFacts } from './read-subscription.ts';

/** What reading a subscription brought, for `link`. */
export type SubscriptionResult =
  | { readonly kind: 'found'; readonly subscription: SubscriptionFacts; readonly requestId: string | null }
  | { readonly kind: 'missing'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

/** A page of a list. */
export type ListResult<T> =
  | { readonly kind: 'listed'; readonly data: readonly T[]; readonly hasMore: boolean }
  /** Stripe does not know the object that the page was to begin beside. */
  | { readonly kind: 'unknown_position'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

/** What a preview brought. */
export type PreviewResult =
  | { readonly kind: 'previewed'; readonly preview: InvoicePreview; readonly requestId: string | null }
  /** Stripe will not preview this; it would refuse the change as well. */
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly requestId: string | null }
  /** No invoice comes that could be shown, as of a subscription that ends with its period; it can be changed all the same. */
  | { readonly kind: 'nothing_upcoming'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string };

/** Everything Seatbelt asks of Stripe. */
export interface StripeAdapter {
  /** Requests go to Stripe's own address, and not to a simulator or a proxy. */
  readonly isStripe: boolean;
  /**
   * Exactly one wire send of the push's stored request, byte for byte, under its key; never a second one, whatever
   * happens. Never throws for what Stripe or the network did. `timeoutMs` bounds the whole of it, to the last byte of
   * the answer; `signal` gives up earlier. Both end in `no_answer`, because the request may have run.
   */
  send(
    push: OpenPush,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<Answer>;
  /** Reads one account's subscription. */
  look(
    link: StripeLink,
    options: {
      readonly timeoutMs: number;
      /** The invoice that an open push waits for. It is read first, so that what it brought is in the subscription. */
      readonly invoice?: string | null;
    },
  ): Promise<LookResult>;
  /**
   * Voids the invoice that this push waits for: one wire send, under a key of its own. `refused`: Stripe answered with an
   * error. Whatever it says proves nothing about the payment; reading the invoice does.
   */
  voidInvoice(push: OpenPush, options: { readonly timeoutMs: number }): Promise<{ readonly refused: boolean }>;
  /** Reads a subscription with its items, for linking an organization to it. */
  retrieveSubscription(subscription: string, options: { readonly timeoutMs: number }): Promise<SubscriptionResult>;
  /**
   * Up to 100 subscriptions that are not canceled, newest first. `after`: the id of the last one of the page before.
   * https://docs.stripe.com/api/subscriptions/list
   */
  listSubscriptions(page: {
    readonly after: string | null;
    readonly timeoutMs: number;
  }): Promise<ListResult<SubscriptionFacts>>;
  /**
   * Up to 100 events of the types that can say something about seats, newest first. `newerThan`: the page right after
   * that event, so that pages come in the order in which things happened. null: the newest ones.
   * https://docs.stripe.com/api/events/list
   */
  listEvents(page: { readonly newerThan: string | null; readonly timeoutMs: number }): Promise<ListResult<EventLike>>;
  /**
   * Asks Stripe what another quantity would cost; nothing is stored. With `always_invoice` this is today's invoice, with
   * `create_prorations` the next renewal's; the lines with `proration` are the price of the change itself.
   * `prorationDate` is in Unix seconds; the same one must go with the change for the amounts to be the same.
   */
  previewQuantity(
    link: StripeLink,
    quantity: number,
    terms: {
      readonly prorationBehavior: BillingBehavior['prorationBehavior'];
      readonly prorationDate: number | null;
      /** The next regular invoice alone, without what is due before it. */
      readonly recurring?: boolean;
      readonly timeoutMs: number;
    },
  ): Promise<PreviewResult>;
  /**
   * Whether the key is for live money. Known from the key itself where it says so, else asked of Stripe.
   * Throws where neither says it: who cannot tell must not push.
   */
  identity(): Promise<{ livemode: boolean }>;
  /** What the key itself says of it; null where it does not say. Asks nobody. */
  identityOfKey(): Promise<{ livemode: boolean } | null>;
  /** `ok`: Stripe answers, and does not turn our key away. Asks for nothing but one subscription. */
  ping(): Promise<'ok' | 'down'>;
}

type InvoiceResult =
  | { readonly kind: 'found'; readonly invoice: NonNullable<Extract<LookResult, { kind: 'seen' }>['invoice']> }
  | { readonly kind: 'failed'; readonly message: string };

/** Kept connections that may turn out to be closed, one after the other. */
const previewsAgain = 4;

function closedMeanwhile(answer: { readonly kind: string; readonly reason?: string }): boolean {
  return answer.kind === 'no_answer' && answer.reason === 'connection';
}

/** Reads besides the request path; shorter than a health check's usual patience. */
const pingTimeoutMs = 5_000;

/**
 * Talks to Stripe with the host's instance: its key or authenticator, host, account and HTTP client (so its proxy and
 * agent as well). The instance itself is never changed.
 *
 * How exactly one send is kept (read and tried in stripe 20.0.0, 21.0.1, 22.0.0 and 23.1.0): the SDK resends a request once when
 * its HTTP client reports ECONNRESET or EPIPE, before it looks at `maxNetworkRetries`. No option turns that off, so each
 * request gets an SDK client of its own (about 45 µs), made by the public constructor, whose HTTP client sends once and
 * reports every failure as an answer that was read (see exchange.ts). Two things of the host's instance have no public
 * name in all those versions: `getApiField`, and `_authenticator`, which holds the key. They are checked here, so that a
 * version without them is refused at start-up and not in the middle of a change.
 */
export function stripeAdapter(stripe: Stripe): StripeAdapter {
  const host = settingsOf(stripe);

  async function exchange(
    method: 'GET' | 'POST',
    path: string,
    options: {
      readonly timeoutMs: number;
      readonly signal?: AbortSignal | undefined;
      readonly apiVersion?: string;
      readonly body?: string;
      readonly key?: string;
    },
  ): Promise<Exchange> {
    const once = new SingleSend(host.httpClient, options.body ?? null);
    let authentication: Exchange | null = null;
    const client = new Stripe('', {
      ...host.config,
      httpClient: once,
      maxNetworkRetries: 0,
      telemetry: false,
      appInfo: { name: 'seatbelt' },
      // Up to stripe 23 a rejecting authenticator is thrown where nobody can catch it, and ends the process.
      authenticator: async (request) => {
        try {
          await host.authenticator(request);
        } catch (error) {
          authentication = {
            kind: 'no_answer',
            reason: 'connection',
            message: `The request was not sent: authenticating it failed (${withoutSecrets(error instanceof Error ? error.message : String(error))}).`,
          };
          once.giveUp();
        }
      },
    });
    const answer = await withinDeadline(
      once,
      (): Promise<Envelope> =>
        client.rawRequest(method, path, method === 'POST' ? {} : undefined, {
          apiVersion: options.apiVersion ?? stripeApiVersion,
          timeout: options.timeoutMs,
          maxNetworkRetries: 0,
          ...(options.key === undefined ? {} : { idempotencyKey: options.key }),
        }),
      options,
    );
    return authentication ?? answer;
  }

  async function lookAtSubscription(link: StripeLink, options: { readonly timeoutMs: number }): Promise<LookResult> {
    const path = `/v1/subscriptions/${encodeURIComponent(link.subscription)}`;
    // The state of the latest invoice says how a payment that is waited for stands.
    const look = readLook(link, await exchange('GET', `${path}?expand[0]=latest_invoice`, options));
    if (look.kind !== 'seen' || look.observation.item !== null || !look.observation.moreItems) return look;
    // A long subscription is listed in part. That the item is not among the first ones does not say that it is gone.
    const asked = await exchange('GET', `/v1/subscription_items/${encodeURIComponent(link.item)}`, options);
    if (asked.kind === 'no_answer') return { kind: 'failed', message: asked.message };
    const item = asked.status === 200 ? readItem(asked.body) : null;
    if (item?.id === link.item) {
      const { id, price, quantity, currentPeriodStart, currentPeriodEnd } = item;
      const found = { id, price, quantity, currentPeriodStart, currentPeriodEnd };
      return { ...look, observation: { ...look.observation, item: found } };
    }
    const error = readError(asked.body);
    return isMissing(asked.status, error) ? look : { kind: 'failed', message: describe(asked.status, error) };
  }

  async function readInvoiceOf(id: string, timeoutMs: number): Promise<InvoiceResult> {
    const answer = await exchange('GET', `/v1/invoices/${encodeURIComponent(id)}`, { timeoutMs });
    if (answer.kind === 'no_answer') return { kind: 'failed', message: answer.message };
    const invoice = answer.status === 200 ? readInvoice(answer.body) : null;
    if (invoice?.id === id) return { kind: 'found', invoice };
    return { kind: 'failed', message: describe(answer.status, readError(answer.body)) };
  }

  return {
    isStripe: host.config.host === undefined || host.config.host === 'api.stripe.com',

    async send(push, options) {
      const { path, body, apiVersion } = push.request;
      return readAnswer(
        push,
        await exchange('POST', path, { ...options, body, apiVersion, key: idempotencyKey(push) }),
      );
    },

    async voidInvoice(push, options) {
      const { payment, withdrawal } = push;
      if (!withdrawal || payment?.invoice == null)
        throw new Error('Bug: an invoice is to be voided that nobody knows.');
      const { path, body, apiVersion } = voidRequest(push, payment.invoice);
      const answer = await exchange('POST', path, { ...options, body, apiVersion, key: voidKey(push, withdrawal) });
      return { refused: answer.kind === 'answered' && answer.status >= 400 };
    },

    async look(link, { invoice: waitsFor = null, ...options }) {
      const paid = waitsFor === null ? null : await readInvoiceOf(waitsFor, options.timeoutMs);
      if (paid?.kind === 'failed') return paid;
      const seen = await lookAtSubscription(link, options);
      return seen.kind === 'seen' && paid !== null ? { ...seen, invoice: paid.invoice } : seen;
    },

    async retrieveSubscription(subscription, options) {
      const answer = await exchange('GET', `/v1/subscriptions/${encodeURIComponent(subscription)}`, options);
      if (answer.kind === 'no_answer') return { kind: 'failed', message: answer.message };
      const facts = answer.status === 200 ? readSubscription(answer.body) : null;
      if (facts?.id === subscription) {
        return { kind: 'found', subscription: facts, requestId: answer.headers['request-id'] ?? null };
      }
      const error = readError(answer.body);
      const message = describe(answer.status, error);
      return isMissing(answer.status, error) ? { kind: 'missing', message } : { kind: 'failed', message };
    },

    async listSubscriptions({ after, timeoutMs }) {
      const query = new URLSearchParams({ limit: '100', ...(after === null ? {} : { starting_after: after }) });
      return readList(await exchange('GET', `/v1/subscriptions?${query}`, { timeoutMs }), readSubscription);
    },

    async listEvents({ newerThan, timeoutMs }) {
      const query = new URLSearchParams({
        limit: '100',
        ...(newerThan === null ? {} : { ending_before: newerThan }),
        ...Object.fromEntries(eventTypes.map((type, index) => [`types[${index}]`, type])),
      });
      return readList(await exchange('GET', `/v1/events?${query}`, { timeoutMs }), (body) =>
        isEvent(body) ? body : null,
      );
    },

    async previewQuantity(link, quantity, terms) {
      const parameters = new URLSearchParams([
        ['subscription', link.subscription],
        ['subscription_details[items][0][id]', link.item],
        ['subscription_details[items][0][quantity]', String(quantity)],
        ['subscription_details[proration_behavior]', terms.prorationBehavior],
      ]);
      // Stripe takes a proration date only where something is prorated.
      const prorationDate = terms.prorationBehavior === 'none' ? null : terms.prorationDate;
      if (prorationDate !== null) parameters.append('subscription_details[proration_date]', String(prorationDate));
      if (terms.recurring === true) parameters.append('preview_mode', 'recurring');
      const { timeoutMs } = terms;
      const ask = () => exchange('POST', '/v1/invoices/create_preview', { timeoutMs, body: parameters.toString() });
      // A preview changes nothing, so connections that had been closed at the other end meanwhile are no reason to say that
      // the price is unknown; after a pause of this process they all are. Writes are never sent again here.
      let answer = await ask();
      for (let again = 0; again < previewsAgain && closedMeanwhile(answer); again += 1) answer = await ask();
      if (answer.kind === 'no_answer') return { kind: 'failed', message: answer.message };
      const requestId = answer.headers['request-id'] ?? null;
      const preview = answer.status === 200 ? readPreview(answer.body, prorationDate) : null;
      if (preview) return { kind: 'previewed', preview, requestId };
      const error = readError(answer.body);
      if (error?.code === 'invoice_upcoming_none') return { kind: 'nothing_upcoming', message: error.message };
      if (error && [400, 402, 404].includes(answer.status)) {
        return { kind: 'refused', code: error.code ?? error.type ?? 'refused', message: error.message, requestId };
      }
      return { kind: 'failed', message: describe(answer.status, error) };
    },

    async identity() {
      const fromKey = await livemodeOfKey(host);
      if (fromKey !== null) return { livemode: fromKey };
      const answer = await exchange('GET', '/v1/balance', { timeoutMs: pingTimeoutMs });
      const body = answer.kind === 'answered' && answer.status === 200 ? answer.body : null;
      if (typeof body === 'object' && body !== null && 'livemode' in body && typeof body.livemode === 'boolean') {
        return { livemode: body.livemode };
      }
      const why =
        answer.kind === 'answered' ? describe(answer.status, readError(answer.body)) : `No answer: ${answer.message}`;
      throw new Error(`Neither the Stripe key nor Stripe says whether this is live or test mode. ${why}`);
    },

    async identityOfKey() {
      const livemode = await livemodeOfKey(host);
      return livemode === null ? null : { livemode };
    },

    async ping() {
      const answer = await exchange('GET', '/v1/subscriptions?limit=1', { timeoutMs: pingTimeoutMs });
      if (answer.kind === 'no_answer' || answer.status >= 500 || answer.status === 401) return 'down';
      // Without an object of Stripe's it was not Stripe that answered.
      return answer.status === 200 || readError(answer.body) !== null ? 'ok' : 'down';
    },
  };
}

type Authenticator = NonNullable<NonNullable<ConstructorParameters<typeof Stripe>[1]>['authenticator']>;

interface HostSettings {
  readonly httpClient: HttpClient;
  readonly authenticator: Authenticator;
  readonly config: Partial<
    Pick<
      NonNullable<ConstructorParameters<typeof Stripe>[1]>,
      'host' | 'port' | 'protocol' | 'stripeAccount' | 'stripeContext'
    >
  >;
}

/** What the host's instance was made with. */
function settingsOf(stripe: Stripe): HostSettings {
  const { getApiField, _authenticator: authenticator } = stripe as unknown as {
    getApiField?: (field: string) => unknown;
    _authenticator?: Authenticator | null;
  };
  if (typeof getApiField !== 'function' || typeof authenticator !== 'function') {
    throw new TypeError(
      'Seatbelt needs a Stripe instance of the `stripe` package, version 20 to 23, made with a key or an authenticator.',
    );
  }
  const field = (name: string) => getApiField.call(stripe, name);
  const httpClient = field('httpClient') as HttpClient | undefined;
  if (typeof httpClient?.makeRequest !== 'function') {
    throw new TypeError('This Stripe instance has no HTTP client that Seatbelt could send with.');
  }
  const given = ['host', 'port', 'protocol', 'stripeAccount', 'stripeContext']
    .map((name) => [name, field(name)] as const)
    .filter(([, value]) => value !== null && value !== undefined && value !== '');
  return { httpClient, authenticator, config: Object.fromEntries(given) };
}

/** Stripe's keys name their mode: sk_live_, rk_test_ and so on. null for an authenticator that uses none. */
async function livemodeOfKey(host: HostSettings): Promise<boolean | null> {
  const request = { host: '', port: '', path: '/v1/balance', method: 'GET', headers: {}, body: '', protocol: 'https' };
  await host.authenticator(request);
  const authorization = Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'authorization');
  const mode = /^Bearer (?:sk|rk)_(live|test)_/.exec(String(authorization?.[1] ?? ''))?.[1];
  return mode === undefined ? null : mode === 'live';
}
