import type { BulkOptions } from '../admin/bulk.ts';
import type { DemoOptions, DemoSubscription } from '../admin/demo.ts';
import type { Span } from '../clock/sim-clock.ts';
import type { DeliveryRule } from '../events/delivery-rules.ts';
import type { ReleaseOrder } from '../events/orders.ts';
import type { FaultState } from '../faults/faults.ts';
import type { FaultRule } from '../faults/rules.ts';
import type { WireSubscription } from '../shapes/subscription.ts';
import type { Truth } from '../truth/truth.ts';

/** The controls of a simulator in another process. Every call rejects with the simulator's message when it is refused. */
export interface StripeSimClient {
  truth(): Promise<Truth>;
  faults: {
    add(rule: FaultRule): Promise<string>;
    remove(id: string): Promise<void>;
    clear(): Promise<void>;
    list(): Promise<FaultState[]>;
    release(id: string): Promise<number>;
    outage(on: boolean): Promise<void>;
  };
  clock: { now(): Promise<number>; advance(by: number | Span): Promise<number> };
  events: {
    addEndpoint(options: {
      url: string;
      secret?: string;
      enabledEvents?: string[];
    }): Promise<{ id: string; secret: string }>;
    removeEndpoint(id: string): Promise<void>;
    rollSecret(id: string, keepOldSeconds?: number): Promise<string>;
    spoil(rule: DeliveryRule): Promise<void>;
    hold(): Promise<void>;
    release(order?: ReleaseOrder): Promise<void>;
    resend(eventId: string): Promise<void>;
    reset(): Promise<void>;
    flush(): Promise<void>;
  };
  admin: {
    createSubscriptionsInBulk(options: Omit<BulkOptions, 'metadata'>): Promise<{ price: string; count: number }>;
    createDemoSubscription(options: DemoOptions): Promise<DemoSubscription>;
    foreignQuantityChange(change: {
      subscription: string;
      item: string;
      quantity: number;
      by: 'dashboard' | 'portal' | 'api';
    }): Promise<WireSubscription>;
    revokeKey(key: string): Promise<void>;
    allowKey(key: string): Promise<void>;
    breakCard(customer: string, declineCode?: string): Promise<void>;
    mendCard(customer: string): Promise<void>;
    holdLock(object: string): Promise<void>;
    releaseLock(object: string): Promise<void>;
  };
}

/** A client for the simulator at `url`, for example `http://127.0.0.1:12111`. */
export function stripeSimClient(url: string): StripeSimClient {
  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${url}/_sim/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as { error?: { message: string } };
    if (!response.ok) throw new Error(answer.error?.message ?? `The simulator answered ${response.status}.`);
    return answer as T;
  }
  const admin = <T = void>(verb: string, body: unknown) => call<T>('POST', `admin/${verb}`, body);
  const events = <T = void>(verb: string, body: unknown) => call<T>('POST', `events/${verb}`, body);
  return {
    truth: () => call('GET', 'truth'),
    faults: {
      add: async (rule) => (await call<{ id: string }>('POST', 'faults', forJson(rule))).id,
      remove: (id) => call('DELETE', `faults/${id}`),
      clear: () => call('DELETE', 'faults'),
      list: async () => (await call<{ faults: FaultState[] }>('GET', 'faults')).faults,
      release: async (id) => (await call<{ released: number }>('POST', `faults/${id}/release`)).released,
      outage: (on) => call('POST', 'faults/outage', { on }),
    },
    clock: {
      now: async () => (await call<{ now: number }>('GET', 'clock')).now,
      advance: async (by) =>
        (await call<{ now: number }>('POST', 'clock/advance', typeof by === 'number' ? { seconds: by } : by)).now,
    },
    events: {
      addEndpoint: (options) => events('addEndpoint', options),
      removeEndpoint: (id) => events('removeEndpoint', { id }),
      rollSecret: async (id, keepOldSeconds) =>
        (await events<{ secret: string }>('rollSecret', { id, keepOldSeconds })).secret,
      spoil: (rule) => events('spoil', rule),
      hold: () => events('hold', {}),
      release: (order) => events('release', { order }),
      resend: (eventId) => events('resend', { eventId }),
      reset: () => events('reset', {}),
      flush: () => events('flush', {}),
    },
    admin: {
      createSubscriptionsInBulk: (options) => admin('createSubscriptionsInBulk', options),
      createDemoSubscription: (options) => admin('createDemoSubscription', options),
      foreignQuantityChange: (change) => admin('foreignQuantityChange', change),
      revokeKey: (key) => admin('revokeKey', { key }),
      allowKey: (key) => admin('allowKey', { key }),
      breakCard: (customer, declineCode) => admin('breakCard', { customer, declineCode }),
      mendCard: (customer) => admin('mendCard', { customer }),
      holdLock: (object) => admin('holdLock', { object }),
      releaseLock: (object) => admin('releaseLock', { object }),
    },
  };
}

/** JSON has no infinity; null stands for it. */
function forJson(rule: FaultRule): FaultRule {
  return rule.times === Number.POSITIVE_INFINITY ? { ...rule, times: null } : rule;
}
