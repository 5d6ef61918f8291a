/** The store in memory, with the little that lives beside it in a database: webhooks, quotes, deliveries. */
import type { Incident } from '../../../packages/engine/src/core/types.ts';
import type { QuoteRow } from '../../../packages/engine/src/store/quotes.ts';
import type { AccountKey } from '../../../packages/engine/src/store/store.ts';
import { MemoryStore, type Rows } from '../memory-store.ts';
import { MemoryTurns } from '../memory-turns.ts';
import { byText, type Everything, type Subject } from './subject.ts';

interface Delivery {
  tries: number;
  nextTryAt: number;
  delivered: boolean;
}

export function memorySubject(beganAt: number): Subject {
  let now = beganAt;
  let store = new MemoryStore(() => now);
  let turns = new MemoryTurns(() => now);
  let accounts: AccountKey[] = [];
  const quotes = new Map<string, { key: AccountKey; quote: QuoteRow }>();
  const deliveries = new Map<string, Delivery>();
  const alerted = new Set<string>();
  const rowsOf = () => accounts.map((key) => store.rows(key));

  return {
    name: 'in memory',
    get store() {
      return store;
    },
    now: () => now,
    async pass(ms) {
      now += ms;
    },
    async create(account, holders = []) {
      store.create(account);
      accounts.push({ organization: account.organization, seatType: account.seatType });
      for (const row of holders) store.rows(account).holders.set(row.holder, row);
    },
    async mark(key) {
      store.mark(key);
    },
    async receive(event) {
      return store.receive(event);
    },
    async pauseInstallation(reason) {
      store.installationPaused = reason;
      if (reason !== null) return;
      for (const rows of rowsOf()) {
        if (rows.account.push === null && rows.waiting.size === 0) continue;
        rows.account = { ...rows.account, dueAt: Math.min(rows.account.dueAt ?? now, now) };
      }
    },
    async takeHostEvents(types, limit, retryAfterMs) {
      const taken = store.hostEvents
        .filter(({ id, event }) => {
          const delivery = deliveries.get(id) ?? { tries: 0, nextTryAt: 0, delivered: false };
          return !delivery.delivered && delivery.nextTryAt <= now && (types === null || types.includes(event.type));
        })
        .slice(0, limit);
      for (const { id } of taken) {
        const tries = (deliveries.get(id)?.tries ?? 0) + 1;
        deliveries.set(id, { tries, nextTryAt: now + Math.min(tries, 60) * retryAfterMs, delivered: false });
      }
      return taken.map(({ id, key, event }) => ({ id, ...key, ...event }));
    },
    async delivered(ids) {
      for (const id of ids) {
        const delivery = deliveries.get(id);
        if (delivery) delivery.delivered = true;
      }
    },
    async storeQuote({ organization, seatType }, quote) {
      quotes.set(quote.id, { key: { organization, seatType }, quote });
    },
    async readQuote(key, id) {
      const found = quotes.get(id);
      const ours = found?.key.organization === key.organization && found.key.seatType === key.seatType;
      return found && ours && found.quote.expiresAt > now ? found.quote : null;
    },
    async unalerted(limit) {
      return rowsOf()
        .flatMap((rows) =>
          [...rows.incidents.values()].map((incident): { key: AccountKey; incident: Incident } => ({
            key: { organization: rows.account.organization, seatType: rows.account.seatType },
            incident,
          })),
        )
        .filter(({ incident }) => !alerted.has(incident.id))
        .sort((a, b) => a.incident.openedAt - b.incident.openedAt)
        .slice(0, limit);
    },
    async alerted(ids) {
      for (const id of ids) alerted.add(id);
    },
    async takeTurns(wanted) {
      return turns.take(wanted);
    },
    async slowDown(by, least, recoversPerSecond) {
      turns.slowDown(by, least, recoversPerSecond);
    },
    async views(organization) {
      const key = { organization, seatType: 'seat' };
      if (!accounts.some((known) => known.organization === organization && known.seatType === 'seat')) {
        return { seats: null, holders: [] };
      }
      const { account, holders } = store.rows(key);
      return {
        seats: {
          organization_id: organization,
          seat_count: account.seatCount,
          settled_seats: account.settledSeats,
          used_seats: account.assigned + account.reserved,
          subscription_id: account.link?.subscription ?? null,
          subscription_item_id: account.link?.item ?? null,
          push_state: account.push?.state ?? null,
        },
        holders: [...holders.values()]
          .sort(byText(({ holder }) => holder))
          .map(({ holder, state, change }) => ({ organization_id: organization, holder, state, change_id: change })),
      };
    },
    everything: async (key) => everything(store.rows(key)),
    async empty() {
      now = beganAt;
      store = new MemoryStore(() => now);
      turns = new MemoryTurns(() => now);
      accounts = [];
      for (const kept of [quotes, deliveries, alerted]) kept.clear();
    },
    async close() {},
  };
}

function everything(rows: Rows): Everything {
  return {
    account: rows.account,
    lease: rows.leaseOwner === null ? null : { owner: rows.leaseOwner, until: rows.leaseUntil },
    changes: [...rows.changes.values()].sort((a, b) => a.number - b.number),
    holders: [...rows.holders.values()].sort(byText(({ holder }) => holder)),
    pushes: [...rows.pushes.values()]
      .map(({ push, ended }) => ({
        id: push.id,
        subscription: push.link.subscription,
        origin: push.origin,
        generation: push.generation,
        request: push.request,
        from: push.from,
        target: push.target,
        changes: push.changes,
        intendedAt: push.intendedAt,
        end:
          ended === null
            ? null
            : {
                outcome: ended.outcome,
                code: ended.code,
                message: ended.message,
                requestId: ended.requestId,
                endedAt: ended.endedAt,
              },
      }))
      .sort(byText(({ id }) => id)),
    incidents: [...rows.incidents.values()].sort(byText(({ id }) => id)),
    // Copies, for what comes later is added to the rows' own lists.
    audit: [...rows.audit],
    events: [...rows.events],
  };
}
