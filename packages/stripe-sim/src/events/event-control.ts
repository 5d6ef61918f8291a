import type { Cause } from '../cause.ts';
import { checkedFields, type FieldsOf, isSpan, isText } from '../checked-fields.ts';
import type { SimClock } from '../clock/sim-clock.ts';
import type { Ids } from '../ids.ts';
import type { Random } from '../random.ts';
import { apiVersion, type Settings } from '../settings.ts';
import type { DeliveryRow, EventRow, Spoiled } from '../state/log-rows.ts';
import type { WebhookEndpointRow } from '../state/rows.ts';
import type { Store } from '../state/store.ts';
import type { WireObject } from '../wire.ts';
import { type DeliveryRule, DeliveryRules, typeMatches } from './delivery-rules.ts';
import { checkOrder, ordered, type ReleaseOrder } from './orders.ts';
import { type Receiver, sendOnce } from './send.ts';

/** An endpoint for tests: a URL, or a function in the same process. */
export interface EndpointOptions {
  url?: string;
  receiver?: Receiver;
  /** Default: made up, as Stripe does; it is in the result. */
  secret?: string;
  /** Default: all events. */
  enabledEvents?: string[];
}

const endpointFields: FieldsOf<EndpointOptions> = {
  url: { takes: (value) => isText(value) && URL.canParse(value), says: 'An endpoint needs a url' },
  receiver: { takes: (value) => typeof value === 'function', says: 'A receiver is a function' },
  secret: { takes: isText, says: 'A secret is a text' },
  enabledEvents: {
    takes: (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
    says: 'The enabled events are a list of types',
  },
};

const spoilings: Spoiled[] = ['wrong_secret', 'old_timestamp', 'stale_object', 'old_api_version'];

/** Stores events and delivers them, properly or as badly as asked. */
export class EventControl {
  readonly #store: Store;
  readonly #ids: Ids;
  readonly #clock: SimClock;
  readonly #random: Random;
  readonly #settings: Settings;
  readonly #rules = new DeliveryRules();
  readonly #receivers = new Map<string, Receiver>();
  #holding = false;
  #pumping: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  /** Aborted by `stop`. */
  readonly #sending = new AbortController();

  constructor(parts: { store: Store; ids: Ids; clock: SimClock; random: Random; settings: Settings }) {
    this.#store = parts.store;
    this.#ids = parts.ids;
    this.#clock = parts.clock;
    this.#random = parts.random;
    this.#settings = parts.settings;
    this.#store.onCommit((changed) => {
      if (changed.has(this.#store.deliveries.name)) setImmediate(() => void this.#pump());
    });
  }

  /** Stores an event inside the present transaction, with a delivery for each endpoint that wants it. */
  record(
    type: string,
    object: WireObject & { id: string },
    previous: WireObject | null,
    cause: Cause,
    now: number,
  ): void {
    const about = { type, about: object.id };
    const texts = {
      object: JSON.stringify(object),
      previous: previous === null ? null : JSON.stringify(previous),
    };
    this.#storeEvent(type, about.about, texts, cause, now);
    for (const _ of this.#rules.take(['twin'], about)) this.#storeEvent(type, about.about, texts, cause, now);
  }

  #storeEvent(
    type: string,
    about: string,
    texts: { object: string; previous: string | null },
    cause: Cause,
    now: number,
  ): void {
    const endpoints = [...this.#store.webhookEndpoints.values()].filter(
      (endpoint) =>
        endpoint.status === 'enabled' && endpoint.enabled_events.some((wanted) => typeMatches(wanted, type)),
    );
    const row: EventRow = {
      id: this.#ids.next('evt'),
      type,
      created: now,
      recordedAt: this.#clock.now(),
      ...texts,
      about,
      requestId: cause.requestId,
      key: cause.key,
      apiVersion,
      pendingWebhooks: endpoints.length,
    };
    this.#store.events.put(row);
    for (const endpoint of endpoints) this.#plan(row, endpoint);
  }

  #plan(event: EventRow, endpoint: WebhookEndpointRow): void {
    const about = { type: event.type, about: event.about };
    const [delay] = this.#rules.take(['delay'], about);
    const dropped = this.#rules.take(['drop'], about).length > 0;
    const [spoiled] = this.#rules.take(spoilings, about);
    const copies = 1 + this.#rules.take(['duplicate'], about).length;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#store.deliveries.put({
        id: this.#ids.next('delivery'),
        event: event.id,
        type: event.type,
        endpoint: endpoint.id,
        attempts: 0,
        dueAt: this.#clock.now() + (delay?.delaySeconds ?? 0),
        state: dropped ? 'dropped' : 'waiting',
        held: this.#holding,
        responseStatus: null,
        error: null,
        spoiled: spoiled === undefined ? null : (spoiled.kind as Spoiled),
      });
    }
  }

  /**
   * Registers an endpoint, for functions in this process as well. What `webhookEndpoints.create` refuses is for it to say: a
   * type that Stripe does not know is never sent. Throws a
   * `RangeError` for options that are not ones: a stored endpoint is asked at every event, in the middle of API calls.
   */
  addEndpoint(given: EndpointOptions): { id: string; secret: string } {
    const options = checkedFields<EndpointOptions>(given, endpointFields, 'An endpoint');
    const secret = options.secret ?? `whsec_${this.#ids.characters(32)}`;
    const id = this.#ids.next('we');
    if (options.receiver !== undefined) this.#receivers.set(id, options.receiver);
    this.#store.transaction(() =>
      this.#store.webhookEndpoints.put({
        id,
        object: 'webhook_endpoint',
        api_version: apiVersion,
        application: null,
        created: this.#clock.now(),
        description: null,
        enabled_events: options.enabledEvents ?? ['*'],
        livemode: false,
        metadata: {},
        status: 'enabled',
        url: options.url ?? `in-process://${id}`,
        sim: { secrets: [{ secret, until: null }] },
      }),
    );
    return { id, secret };
  }

  removeEndpoint(id: string): void {
    this.#receivers.delete(id);
    this.#store.transaction(() => this.#store.webhookEndpoints.remove(id));
  }

  /** The endpoints there are, those of an earlier start with the same state file among them. */
  endpoints(): { id: string; url: string }[] {
    return [...this.#store.webhookEndpoints.values()].map(({ id, url }) => ({ id, url }));
  }

  /** A new secret for an endpoint; the old one signs along for up to 24 hours. */
  rollSecret(id: string, keepOldSeconds = 86_400): string {
    if (!isSpan(keepOldSeconds)) throw new RangeError('A secret is kept for a number of seconds, not negative.');
    const endpoint = this.#store.webhookEndpoints.get(id);
    if (endpoint === undefined) throw new RangeError(`There is no endpoint ${id}.`);
    const secret = `whsec_${this.#ids.characters(32)}`;
    const until = this.#clock.now() + keepOldSeconds;
    const old = endpoint.sim.secrets.map((entry) => ({ ...entry, until: entry.until ?? until }));
    this.#store.transaction(() =>
      this.#store.webhookEndpoints.put({ ...endpoint, sim: { secrets: [{ secret, until: null }, ...old] } }),
    );
    return secret;
  }

  /** Spoils deliveries to come. */
  spoil(rule: DeliveryRule): void {
    this.#rules.add(rule);
  }

  /** Keeps back every event from now on, until `release`. */
  hold(): void {
    this.#holding = true;
  }

  /** Lets the held events go, in the order asked for, and waits until they are delivered. An unknown order rejects. */
  async release(order: ReleaseOrder = 'arrival'): Promise<void> {
    checkOrder(order);
    this.#holding = false;
    const held = this.#waiting().filter((delivery) => delivery.held);
    for (const delivery of ordered(held, order, this.#random)) {
      this.#store.transaction(() => this.#store.deliveries.put({ ...delivery, held: false }));
      await this.#deliver(delivery.id);
    }
  }

  /** Sends a stored event once more, to all its endpoints; automatic retries go on as planned. */
  async resend(eventId: string): Promise<void> {
    const event = this.#store.events.get(eventId);
    if (event === undefined) throw new RangeError(`There is no event ${eventId}.`);
    const before = new Set(this.#waiting().map((delivery) => delivery.id));
    this.#store.transaction(() => {
      for (const endpoint of this.#store.webhookEndpoints.values()) this.#plan(event, endpoint);
    });
    for (const delivery of this.#waiting()) if (!before.has(delivery.id)) await this.#deliver(delivery.id);
  }

  /** Undoes hold and every rule. */
  reset(): void {
    this.#holding = false;
    this.#rules.clear();
  }

  /** Resolves when everything that is due has been attempted. Held events and later retries stay. */
  async flush(): Promise<void> {
    while (this.#pumping !== null || this.#due().length > 0) await this.#pump();
  }

  /** The second in which the next delivery or retry is due; undefined when none is planned. Held ones wait for a person. */
  nextDue(): number | undefined {
    if (this.#stopped) return undefined;
    let next: number | undefined;
    for (const { held, dueAt } of this.#waiting()) if (!held && (next === undefined || dueAt < next)) next = dueAt;
    // The clock tells whole seconds, and a delay may end within one.
    return next === undefined ? undefined : Math.ceil(next);
  }

  /** Every delivery with its state, oldest first. */
  deliveries(): DeliveryRow[] {
    return [...this.#store.deliveries.values()];
  }

  /** Ends the deliveries under way and makes no more. */
  stop(): void {
    this.#sending.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  get #stopped(): boolean {
    return this.#sending.signal.aborted;
  }

  #waiting(): DeliveryRow[] {
    return this.#store.deliveriesByState.ids('waiting').map((id) => this.#store.deliveries.need(id));
  }

  #due(): DeliveryRow[] {
    if (this.#stopped) return [];
    const now = this.#clock.now();
    return this.#waiting().filter((delivery) => !delivery.held && delivery.dueAt <= now);
  }

  #pump(): Promise<void> {
    this.#pumping ??= this.#deliverDue().finally(() => {
      this.#pumping = null;
      this.#arm();
    });
    return this.#pumping;
  }

  async #deliverDue(): Promise<void> {
    for (const delivery of this.#due()) await this.#deliver(delivery.id);
  }

  /** One attempt; what came of it is written, and the next one planned where it failed. */
  async #deliver(deliveryId: string): Promise<void> {
    const delivery = this.#store.deliveries.get(deliveryId);
    if (delivery === undefined || delivery.state !== 'waiting' || this.#stopped) return;
    const event = this.#store.events.get(delivery.event);
    const endpoint = this.#store.webhookEndpoints.get(delivery.endpoint);
    if (event === undefined || endpoint === undefined || endpoint.status !== 'enabled') {
      this.#store.transaction(() => this.#store.deliveries.put({ ...delivery, state: 'dropped' }));
      return;
    }
    const failing = this.#rules.take(['fail'], { type: event.type, about: event.about }).length > 0;
    const result = failing
      ? { status: null, error: 'failed on command' }
      : await sendOnce({
          event,
          endpoint,
          spoiled: delivery.spoiled,
          receiver: this.#receivers.get(endpoint.id),
          now: this.#clock.now(),
          stop: this.#sending.signal,
        });
    // Cut off by the end of the simulator: whether it arrived is not known, so the delivery stays planned.
    if (this.#stopped) return;
    const succeeded = result.status !== null && result.status >= 200 && result.status < 300;
    this.#store.transaction(() => {
      this.#record(delivery, result, succeeded);
      const present = this.#store.events.get(event.id);
      if (succeeded && present !== undefined && present.pendingWebhooks > 0) {
        this.#store.events.put({ ...present, pendingWebhooks: present.pendingWebhooks - 1 });
      }
    });
  }

  #record(delivery: DeliveryRow, result: { status: number | null; error: string | null }, succeeded: boolean): void {
    const wait = this.#settings.webhookRetries[delivery.attempts];
    this.#store.deliveries.put({
      ...delivery,
      attempts: delivery.attempts + 1,
      responseStatus: result.status,
      error: result.error,
      state: succeeded ? 'delivered' : wait === undefined ? 'failed' : 'waiting',
      dueAt: succeeded || wait === undefined ? delivery.dueAt : this.#clock.now() + wait,
    });
  }

  /** A timer for the next retry, so that retries come while nobody asks. */
  #arm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    const next = this.nextDue();
    if (next === undefined) return;
    const waitMs = Math.min(Math.max(next * 1000 - this.#clock.nowMs(), 0), 2_000_000_000);
    this.#timer = setTimeout(() => void this.#pump(), waitMs);
    this.#timer.unref();
  }
}
