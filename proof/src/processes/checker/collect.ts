import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@seatbelt/dev/repository';
import pg from 'pg';
import { createSeatbelt } from 'seatbelt';
import type Stripe from 'stripe';
import { ask } from '../load/ask.ts';
import { environmentName, type Place } from '../place/place.ts';
import type {
  AlertSeen,
  ChangeSeen,
  Evidence,
  HolderSeen,
  QuantityEvent,
  Screen,
  SeatsRow,
  SubscriptionSeen,
  TrailLine,
} from './evidence.ts';

type Read = Omit<
  Evidence,
  'organizations' | 'stories' | 'peeks' | 'quietAt' | 'restedAt' | 'restless' | 'settleWithinMs' | 'stripeViolations'
>;

/**
 * Reads both sides, each through a door that anybody has: the SQL views, the HTTP contract, the command line, the doorway
 * of the library for the trail (as `seatbelt audit export` reads it), and the official Stripe SDK.
 */
export async function collect(place: Place): Promise<Read> {
  const names = place.organizations.map(({ id }) => id);
  const [sql, http, trails, verified, subscriptions, events] = await Promise.all([
    readViews(place.databaseUrl),
    readDoors(place, names),
    readTrails(place, names),
    verifyByCommandLine(place),
    readSubscriptions(place.stripe()),
    readEvents(place.stripe()),
  ]);
  return { ...sql, ...http, trails, verified, subscriptions, events, alerts: readAlerts(place.settings.alertFile) };
}

/** The view that says whether anything is open. Also what a run waits on. */
export async function readSeats(databaseUrl: string): Promise<SeatsRow[]> {
  return (await readViews(databaseUrl)).rows;
}

async function readViews(databaseUrl: string): Promise<{ rows: SeatsRow[]; holders: HolderSeen[] }> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const rows = await client.query('select * from seatbelt.organization_seats order by organization_id');
    const holders = await client.query('select * from seatbelt.holders order by organization_id, holder');
    return {
      rows: rows.rows.map((row) => ({
        organization: String(row.organization_id),
        seatCount: Number(row.seat_count),
        settledSeats: Number(row.settled_seats),
        usedSeats: Number(row.used_seats),
        subscription: row.subscription_id,
        item: row.subscription_item_id,
        pushState: row.push_state,
      })),
      holders: holders.rows.map((row) => ({
        organization: String(row.organization_id),
        holder: String(row.holder),
        state: String(row.state),
        change: row.change_id,
      })),
    };
  } finally {
    await client.end();
  }
}

async function readDoors(
  place: Place,
  names: readonly string[],
): Promise<{ changes: Map<string, ChangeSeen[]>; screens: Map<string, Screen> }> {
  const changes = new Map<string, ChangeSeen[]>();
  const screens = new Map<string, Screen>();
  const waiting = names.values();
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (const name of waiting) {
        changes.set(name, await readChanges(place, name));
        screens.set(name, await readScreen(place, name));
      }
    }),
  );
  return { changes, screens };
}

async function get<Body>(place: Place, organization: string, path: string): Promise<Body> {
  const port = place.fleet.anyPort;
  const came = await ask({
    port,
    method: 'GET',
    path,
    organization,
    apiKey: place.settings.apiKey,
    timeoutMs: 30_000,
  });
  if (came.is === 'answer' && came.http === 200) return came.body as Body;
  const said = came.is === 'answer' ? `${came.http} ${came.text}` : came.why;
  throw new Error(`GET ${path} for ${organization} was answered with ${said}, with no fault left.`);
}

async function readChanges(place: Place, organization: string): Promise<ChangeSeen[]> {
  interface Page {
    readonly changes: readonly (Omit<ChangeSeen, 'requestedAt' | 'endedAt'> & {
      readonly requestedAt: string;
      readonly endedAt: string | null;
    })[];
    readonly before: number | null;
  }
  const found: ChangeSeen[] = [];
  let before: number | null = null;
  do {
    const path = `/api/billing/seats/changes?limit=500${before === null ? '' : `&before=${before}`}`;
    const page: Page = await get<Page>(place, organization, path);
    for (const change of page.changes) {
      found.push({
        ...change,
        requestedAt: Date.parse(change.requestedAt),
        endedAt: change.endedAt === null ? null : Date.parse(change.endedAt),
      });
    }
    before = page.before;
  } while (before !== null);
  return found;
}

export async function readScreen(place: Place, organization: string): Promise<Screen> {
  const body = await get<{
    readonly status: string;
    readonly pending: unknown;
    readonly hold: { readonly code: string } | null;
    readonly incidents: Screen['incidents'];
  }>(place, organization, '/api/billing/seats');
  return {
    status: body.status,
    open: body.pending !== null,
    hold: body.hold?.code ?? null,
    incidents: body.incidents,
  };
}

async function readTrails(place: Place, names: readonly string[]): Promise<Map<string, TrailLine[]>> {
  const seatbelt = createSeatbelt({ db: place.databaseUrl, stripe: place.stripe(), environment: environmentName });
  const trails = new Map<string, TrailLine[]>();
  try {
    for (const name of names) {
      const trail: TrailLine[] = [];
      for await (const { sequence, entry, hash } of seatbelt.exportAudit(name)) trail.push({ sequence, entry, hash });
      trails.set(name, trail);
    }
  } finally {
    await seatbelt.close();
  }
  return trails;
}

/** `seatbelt audit verify --json`. It ends with 1 where a trail is not whole, and says so on standard output. */
function verifyByCommandLine(place: Place): Promise<{ organization: string; why: string }[]> {
  const program = join(repositoryRoot, 'packages/cli/src/bin.ts');
  const { promise, resolve, reject } = Promise.withResolvers<{ organization: string; why: string }[]>();
  const environment = { ...place.environment, DATABASE_URL: place.databaseUrl, STRIPE_SECRET_KEY: undefined };
  execFile(
    process.execPath,
    [program, 'audit', 'verify', '--json'],
    { env: environment, maxBuffer: 64 * 1024 * 1024 },
    (error, stdout, stderr) => {
      try {
        const said = JSON.parse(stdout) as {
          readonly broken: readonly {
            readonly organization: string;
            readonly broken: { readonly sequence: number; readonly why: string } | null;
          }[];
        };
        resolve(
          said.broken.map(({ organization, broken }) => ({
            organization,
            why: `at sequence ${broken?.sequence}: ${broken?.why}`,
          })),
        );
      } catch (cause) {
        reject(
          new Error(`"seatbelt audit verify" said nothing that can be read: ${stderr || error?.message}`, { cause }),
        );
      }
    },
  );
  return promise;
}

export async function readSubscriptions(stripe: Stripe): Promise<SubscriptionSeen[]> {
  const found: SubscriptionSeen[] = [];
  for await (const subscription of stripe.subscriptions.list({ limit: 100, status: 'all' })) {
    const items = subscription.items.data.map(({ id, quantity }) => ({ id, quantity: quantity ?? null }));
    found.push({ id: subscription.id, status: subscription.status, items });
  }
  return found;
}

/** Every event in which a subscription's quantity moved, oldest first. */
async function readEvents(stripe: Stripe): Promise<QuantityEvent[]> {
  const found: QuantityEvent[] = [];
  for await (const event of stripe.events.list({ limit: 100, type: 'customer.subscription.updated' })) {
    if (event.type !== 'customer.subscription.updated') continue;
    const [item] = event.data.object.items.data;
    const before = event.data.previous_attributes?.items?.data?.[0]?.quantity;
    if (item?.quantity === undefined || before === undefined || before === item.quantity) continue;
    found.push({
      id: event.id,
      created: event.created,
      subscription: event.data.object.id,
      from: before,
      to: item.quantity,
      key: event.request?.idempotency_key ?? null,
      request: event.request?.id ?? null,
    });
  }
  return found.reverse();
}

function readAlerts(file: string): AlertSeen[] {
  if (!existsSync(file)) return [];
  return (
    readFileSync(file, 'utf8')
      .split('\n')
      // A process may have been killed in the middle of its last line.
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as AlertSeen)
  );
}
