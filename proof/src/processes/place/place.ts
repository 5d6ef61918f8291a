import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedPostgres, startPostgres } from '@seatbelt/dev/embedded-postgres/index';
import { type PrivatePostgres, privatePostgres } from '@seatbelt/dev/test-database';
import { createSeatbelt, migrate } from 'seatbelt';
import Stripe from 'stripe';
import { Random } from '../../random.ts';
import type { AgreedOrganization } from '../checker/evidence.ts';
import { type FaultyHttp, startFaultyHttp } from '../proxy/http.ts';
import { type FaultyTcp, startFaultyTcp } from '../proxy/tcp.ts';
import { bundleHost } from './bundle.ts';
import { Children } from './children.ts';
import { Fleet } from './fleet.ts';
import type { HostSettings } from './host.ts';
import { linkOrganizations } from './organizations.ts';
import { type SimulatorProcess, startSimulator } from './simulator.ts';

export const environmentName = 'proof';
const stripeKey = 'sk_test_proof';
const apiKey = 'proof-server-key';
/** The simulator asks for an address that does not change; where it really goes is the proxy's business. */
const webhookPath = '/api/webhooks/stripe';

export interface PlaceOptions {
  readonly seed: number;
  readonly organizations: number;
  readonly foreign: number;
  readonly doors: number;
  readonly spares: number;
  readonly leaseMs: number | null;
  /** Where the database's cluster is to be, when not among the tests' private servers: on a disk that can be filled. */
  readonly dataDir?: string;
}

/** Everything that is there before the first fault: database, Stripe, servers, customers, and proxies between all of them. */
export interface Place {
  readonly folder: string;
  readonly children: Children;
  readonly postgres: EmbeddedPostgres;
  /** PostgreSQL itself, past the proxy. */
  readonly databaseUrl: string;
  readonly simulator: SimulatorProcess;
  readonly fleet: Fleet;
  readonly toDatabase: FaultyTcp;
  readonly toStripe: FaultyHttp;
  readonly webhooks: FaultyTcp;
  readonly organizations: readonly AgreedOrganization[];
  readonly settings: HostSettings;
  readonly environment: NodeJS.ProcessEnv;
  /** Stripe past every proxy. */
  stripe(): Stripe;
  /** The chance of a fault at each opportunity; 0 makes every proxy pass all. */
  setFaults(chances: { readonly clients: number; readonly database: number; readonly stripe: number }): void;
  /** Strikes so far, by proxy and kind. */
  readonly faultCounts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  close(): Promise<void>;
}

/** Brings it all up. Whatever was started is stopped again if something does not come up. */
export async function setUp(options: PlaceOptions, tell: (note: string) => void): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'seatbelt-proof-'));
  const children = new Children(join(folder, 'processes.log'));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  undo.push(() => children.close());
  const close = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await bringUp(options, tell, folder, children, undo, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function bringUp(
  options: PlaceOptions,
  tell: (note: string) => void,
  folder: string,
  children: Children,
  undo: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<Place> {
  const random = new Random(options.seed);
  tell('starting PostgreSQL and the simulator');
  const [program, postgres, simulator] = await Promise.all([
    bundleHost(folder),
    startDatabase(options.dataDir).then((server) => {
      undo.push(() => ('remove' in server ? server.remove() : server.stop()));
      return server;
    }),
    startSimulator(children, join(folder, 'stripe.jsonl'), options.seed),
  ]);
  if (postgres.pid !== undefined) children.guard(postgres.pid);
  await migrate(postgres.url);

  // A process of its own dice each, so that more faults on one way do not move those on another.
  const proxy = async (target: () => number | null) => {
    const made = await startFaultyTcp({ target, random: new Random(random.between(0, 2 ** 31)) });
    undo.push(() => made.close());
    return made;
  };
  const fleetBox: { fleet: Fleet | null } = { fleet: null };
  const toDatabase = await proxy(() => postgres.port);
  const webhooks = await proxy(() => fleetBox.fleet?.servers[0]?.port ?? null);
  const toStripe = await startFaultyHttp({
    target: () => simulator.port,
    random: new Random(random.between(0, 2 ** 31)),
  });
  undo.push(() => toStripe.close());

  const endpoint = await simulator.controls.events.addEndpoint({
    url: `http://127.0.0.1:${webhooks.port}${webhookPath}`,
  });
  const settings: HostSettings = {
    databaseUrl: through(postgres.url, toDatabase.port),
    stripePort: toStripe.port,
    stripeKey,
    webhookSecret: endpoint.secret,
    apiKey,
    environment: environmentName,
    alertFile: join(folder, 'alerts.jsonl'),
    leaseMs: options.leaseMs,
  };
  const stripe = () => {
    if (simulator.port === null) throw new Error('The simulator is down.');
    return new Stripe(stripeKey, { host: '127.0.0.1', port: simulator.port, protocol: 'http', telemetry: false });
  };

  tell(`linking ${options.organizations} organizations`);
  const organizations = await link(postgres.url, stripe(), simulator, random, options);
  const environment = { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled'), NODE_NO_WARNINGS: '1' };
  tell('starting server processes');
  const fleet = await Fleet.start({
    children,
    program,
    settings,
    environment,
    random: new Random(random.between(0, 2 ** 31)),
    doors: options.doors,
    spares: options.spares,
  });
  fleetBox.fleet = fleet;
  undo.push(() => fleet.close());

  return {
    folder,
    children,
    postgres,
    databaseUrl: postgres.url,
    simulator,
    fleet,
    toDatabase,
    toStripe,
    webhooks,
    organizations,
    settings,
    environment,
    stripe,
    setFaults(chances) {
      for (const door of fleet.doors) door.proxy.faults.set(chances.clients);
      webhooks.faults.set(chances.clients);
      toDatabase.faults.set(chances.database);
      toStripe.faults.set(chances.stripe);
    },
    get faultCounts() {
      const clients: Record<string, number> = {};
      for (const { proxy: door } of fleet.doors) {
        for (const [kind, count] of Object.entries(door.faults.counts)) clients[kind] = (clients[kind] ?? 0) + count;
      }
      return {
        'clients to servers': clients,
        'servers to PostgreSQL': toDatabase.faults.counts,
        'servers to Stripe': toStripe.faults.counts,
        'webhooks to servers': webhooks.faults.counts,
      };
    },
    close,
  };
}

/** fsync is on, as in production; frozen and dying processes hold more connections than a usual number of servers would. */
const databaseSettings = { fsync: true, full_page_writes: true, max_connections: 300 };

function startDatabase(dataDir: string | undefined): Promise<EmbeddedPostgres | PrivatePostgres> {
  if (dataDir === undefined) return privatePostgres({ settings: databaseSettings, template: 'empty', onDisk: true });
  return startPostgres({ dataDir, database: 'seatbelt', settings: databaseSettings });
}

async function link(
  databaseUrl: string,
  stripe: Stripe,
  simulator: SimulatorProcess,
  random: Random,
  options: PlaceOptions,
): Promise<AgreedOrganization[]> {
  const seatbelt = createSeatbelt({ db: databaseUrl, stripe, environment: environmentName });
  try {
    const count = { all: options.organizations, foreign: options.foreign };
    return await linkOrganizations(seatbelt, simulator.controls, random, count);
  } finally {
    await seatbelt.close();
  }
}

function through(url: string, port: number): string {
  const other = new URL(url);
  other.port = String(port);
  return other.href;
}
