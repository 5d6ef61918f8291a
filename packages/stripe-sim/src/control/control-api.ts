import type { SimAdmin } from '../admin/admin.ts';
import type { BulkOptions } from '../admin/bulk.ts';
import type { SimClock } from '../clock/sim-clock.ts';
import type { EventControl } from '../events/event-control.ts';
import type { Faults } from '../faults/faults.ts';
import type { FaultRule } from '../faults/rules.ts';
import { StripeFailure } from '../http/errors.ts';
import type { Outcome, RawRequest } from '../http/exchange.ts';
import type { Truth } from '../truth/truth.ts';
import { steerEvents } from './events-control.ts';

/** What the control API steers. */
export interface Steered {
  readonly faults: Faults;
  readonly clock: SimClock;
  readonly admin: SimAdmin;
  readonly events: EventControl;
  truth(): Truth;
}

const heldLocks = new WeakMap<Steered, Map<string, () => void>>();

/** The HTTP face of the controls, under `/_sim`, for tests in other processes and other languages. */
export class ControlApi {
  readonly #sim: Steered;

  constructor(sim: Steered) {
    this.#sim = sim;
  }

  async handle(raw: RawRequest, peer: string): Promise<Outcome> {
    if (!isLoopback(peer)) return json(403, { error: { message: 'The control API answers on loopback only.' } });
    // A name of somebody else's that resolves to this machine would make his page one of our own origin.
    if (!isLocalName(raw.headers.host)) {
      return json(403, { error: { message: 'The control API answers to local names only, such as localhost.' } });
    }
    // A page of another origin must not steer the simulator through the user's browser.
    const origin = raw.headers.origin;
    if (origin !== undefined && raw.method !== 'GET' && !sameHost(origin, raw.headers.host)) {
      return json(403, { error: { message: 'The control API does not answer other origins.' } });
    }
    try {
      return await this.#route(raw);
    } catch (failure) {
      if (failure instanceof RangeError || failure instanceof SyntaxError || failure instanceof StripeFailure) {
        return json(400, { error: { message: failure.message } });
      }
      throw failure;
    }
  }

  async #route(raw: RawRequest): Promise<Outcome> {
    const { faults, clock, admin, events } = this.#sim;
    const path = raw.target.split('?')[0] ?? '';
    const [, , area = '', id = '', verb = ''] = path.split('/');
    const command = `${raw.method} ${area}`;
    const body = () => hashIn(raw.body);
    switch (command) {
      case 'GET ':
        return this.#page();
      case 'GET truth':
        return json(200, this.#sim.truth());
      case 'GET faults':
        return json(200, { faults: faults.list() });
      case 'POST faults':
        if (verb === 'release') return json(200, { released: faults.release(id) });
        if (id === 'outage') {
          faults.outage(body().on === true);
          return json(200, { faults: faults.list() });
        }
        return json(200, { id: faults.add(body() as unknown as FaultRule) });
      case 'DELETE faults':
        if (id === '') faults.clear();
        else faults.remove(id);
        return json(200, { faults: faults.list() });
      case 'GET clock':
        return json(200, { now: clock.now() });
      case 'POST clock':
        return json(200, { now: await clock.advance(body()) });
      case 'POST events':
        return json(200, await steerEvents(events, id, body()));
      case 'POST admin':
        return json(200, this.#administer(admin, id, body()));
      default:
        return json(404, { error: { message: `Unknown control: ${raw.method} ${path}` } });
    }
  }

  #administer(admin: SimAdmin, verb: string, given: Record<string, never>): unknown {
    switch (verb) {
      case 'createDemoSubscription':
        return admin.createDemoSubscription(given as unknown as Parameters<SimAdmin['createDemoSubscription']>[0]);
      case 'createSubscriptionsInBulk':
        return admin.createSubscriptionsInBulk(given as unknown as BulkOptions);
      case 'foreignQuantityChange':
        return admin.foreignQuantityChange(given as unknown as Parameters<SimAdmin['foreignQuantityChange']>[0]);
      case 'revokeKey':
        admin.revokeKey(String(given.key));
        return {};
      case 'allowKey':
        admin.allowKey(String(given.key));
        return {};
      case 'breakCard':
        admin.breakCard(String(given.customer), given.declineCode ?? 'generic_decline');
        return {};
      case 'mendCard':
        admin.mendCard(String(given.customer));
        return {};
      case 'holdLock': {
        const object = String(given.object);
        const held = heldLocks.get(this.#sim) ?? new Map();
        heldLocks.set(this.#sim, held);
        held.set(object, admin.holdLock(object));
        return {};
      }
      case 'releaseLock':
        heldLocks.get(this.#sim)?.get(String(given.object))?.();
        return {};
      default:
        throw new RangeError(`Unknown admin verb: ${verb}`);
    }
  }

  async #page(): Promise<Outcome> {
    // Read only when somebody looks at it.
    const { renderPage } = await import('../page/index.ts');
    return { kind: 'answer', status: 200, headers: { 'Content-Type': 'text/html; charset=utf-8' }, body: renderPage() };
  }
}

function json(status: number, body: unknown): Outcome {
  return { kind: 'answer', status, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

/** The JSON object of a control request. */
function hashIn(text: string): Record<string, never> {
  const value: unknown = text === '' ? {} : JSON.parse(text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RangeError('The body must be a JSON object.');
  }
  return value as Record<string, never>;
}

function sameHost(origin: string, host: string | undefined): boolean {
  return URL.canParse(origin) && new URL(origin).host === host;
}

/** A request without a host comes from this process. */
function isLocalName(host: string | undefined): boolean {
  if (host === undefined) return true;
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d+){3}$/.test(hostname)
  );
}

function isLoopback(peer: string): boolean {
  return peer === '::1' || peer.startsWith('127.') || peer.startsWith('::ffff:127.');
}
