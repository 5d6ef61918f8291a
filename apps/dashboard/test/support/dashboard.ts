import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type TestDatabase, testDatabase } from '@seatbelt/dev';
import { freePort } from '@seatbelt/dev/free-port';
import { ensureDashboardBuilt, nextProgram } from '@seatbelt/dev/supervisor/dashboard-build';
import { stripeClient } from '@seatbelt/dev/supervisor/stripe-client';
import { type StripeSim, startStripeSim } from '@seatbelt/stripe-sim';
import { createSeatbelt, type Seatbelt } from 'seatbelt';
import type { InvitationsBody } from '../../src/features/invitations/contract.ts';
import { inviting, joinBy, type Person } from './people.ts';

/** The built dashboard with a database, a simulator and a worker of its own. */
export interface RunningDashboard {
  readonly url: string;
  readonly apiKey: string;
  readonly sim: StripeSim;
  readonly database: TestDatabase;
  /** The same engine in this process, beside the dashboard: another server of the host's, and the worker. */
  readonly seatbelt: Seatbelt;
  /** A new organization with its own subscription; returns its id. */
  organization(options: {
    seats: number;
    used: number;
    reserved?: number;
    maximumSeats?: number;
    terms?: LinkTerms;
  }): Promise<string>;
  /** An organization that this person founds, with a subscription of that many seats; the founder holds none. */
  founded(owner: Person, options: { seats: number }): Promise<string>;
  /** Invites that address, hands the link over, and lets them join. */
  invited(by: Person, organization: string, email: string, role: 'member' | 'admin'): Promise<Person>;
  /** The next mail to that address that was not given out before: its text, printed to the log in development. */
  mailTo(address: string): Promise<string>;
  /** Every line that the server has logged. */
  readonly logged: readonly string[];
  /** Waits until that many lines of the log match. */
  said(pattern: RegExp, times?: number): Promise<void>;
  /** What Stripe bills this organization for, from the simulator's own books. */
  quantityOf(organization: string): number | undefined;
  /** From now on the organization's card asks its holder for a confirmation (3-D Secure). */
  asksForConfirmation(organization: string): Promise<void>;
  /** The holder confirms and pays what is open, on Stripe's own page. */
  paysOpenInvoice(organization: string): Promise<void>;
  /** The card fails at a renewal: an open invoice, and a subscription that Stripe calls past due. */
  becomesOverdue(organization: string): Promise<void>;
  /** Somebody changes the quantity in Stripe's own dashboard. */
  changeInStripe(organization: string, quantity: number): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a test says of the contract. */
type LinkTerms = NonNullable<Parameters<Seatbelt['link']>[1]['terms']>;

const environmentName = 'dashboard-test';

/** @param mode `demo`: as under `npm start` without settings. `configured`: as in production, where only the API key opens. */
export async function startDashboard(
  mode: 'demo' | 'configured' = 'demo',
  options: { sentryDsn?: string; operators?: string; smtpUrl?: string; proxies?: number } = {},
): Promise<RunningDashboard> {
  const apiKey = randomUUID();
  const secretKey = 'sk_test_dashboard';
  const [database, sim] = await Promise.all([
    testDatabase(),
    startStripeSim({ apiKeys: [secretKey] }),
    ensureDashboardBuilt((line) => console.error(line)),
  ]);
  const stripe = stripeClient({ secretKey, apiBase: sim.url, webhookSecret: null });
  const seatbelt = createSeatbelt({ db: database.url, stripe, environment: environmentName });
  seatbelt.startWorker();

  const port = await freePort();
  const mails = new Mails();
  const logged: string[] = [];
  const listeners = new Set<() => void>();
  const readLine = (line: string) => {
    logged.push(line);
    for (const each of listeners) each();
    mails.read(line);
  };
  const server = await startNext(port, readLine, {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    // What the server of one test file has compiled the others take from there.
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    PORT: String(port),
    NEXT_TELEMETRY_DISABLED: '1',
    DATABASE_URL: database.url,
    STRIPE_SECRET_KEY: secretKey,
    STRIPE_API_BASE: sim.url,
    SEATBELT_API_KEY: apiKey,
    SEATBELT_ENVIRONMENT: environmentName,
    ...(options.sentryDsn === undefined ? {} : { SENTRY_DSN: options.sentryDsn }),
    ...(options.operators === undefined ? {} : { SEATBELT_OPERATORS: options.operators }),
    ...(options.proxies === undefined ? {} : { SEATBELT_PROXIES: String(options.proxies) }),
    ...(options.smtpUrl === undefined
      ? {}
      : {
          SMTP_URL: options.smtpUrl,
          MAIL_FROM: 'Seatbelt <seats@example.com>',
          SEATBELT_URL: `http://localhost:${port}`,
        }),
    ...(mode === 'demo' ? { SEATBELT_DEV: '1', SEATBELT_SUPERVISED: '1' } : {}),
  });

  const subscriptions = new Map<string, { id: string; item: string }>();
  const customerOf = async (organization: string) =>
    String((await stripe.subscriptions.retrieve(subscriptions.get(organization)?.id ?? '')).customer);
  return {
    url: `http://localhost:${port}`,
    apiKey,
    sim,
    database,
    seatbelt,
    async organization({ seats, used, reserved = 0, maximumSeats, terms }) {
      const organization = `org_${randomUUID().slice(0, 8)}`;
      const { subscription, item } = sim.admin.createDemoSubscription({ quantity: seats });
      subscriptions.set(organization, { id: subscription.id, item: item.id });
      await seatbelt.link(organization, {
        subscription: subscription.id,
        terms: { ...terms, ...(maximumSeats === undefined ? {} : { maximumSeats }) },
      });
      if (used > 0) await seatbelt.add(organization, used, { expand: false });
      if (reserved > 0) await seatbelt.reserve(organization, reserved, { expand: false });
      return organization;
    },
    async founded(owner, { seats }) {
      const { id } = await owner.get<{ id: string }>('POST', '/api/organizations', { body: { name: 'Founded' } });
      const { subscription, item } = sim.admin.createDemoSubscription({ quantity: seats });
      subscriptions.set(id, { id: subscription.id, item: item.id });
      await seatbelt.link(id, { subscription: subscription.id, onMismatch: 'stripe' });
      return id;
    },
    async invited(by, organization, email, role) {
      await by.get('POST', '/api/invitations', { organization, ...inviting([email], 0, role) });
      const { invitations } = await by.get<InvitationsBody>('GET', '/api/invitations', { organization });
      const id = invitations.find((invitation) => invitation.email === email)?.id;
      const { path } = await by.get<{ path: string }>('POST', `/api/invitations/${id}/link`, { organization });
      return joinBy({ url: `http://localhost:${port}` }, email, path);
    },
    mailTo: (address) => mails.next(address),
    logged,
    said(pattern, times = 1) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => {
        if (logged.filter((line) => pattern.test(line)).length < times) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
      return promise;
    },
    quantityOf(organization) {
      const subscription = sim.truth().subscriptions.find((each) => each.id === subscriptions.get(organization)?.id);
      return subscription?.items.data[0]?.quantity;
    },
    async asksForConfirmation(organization) {
      const customer = await customerOf(organization);
      const method = await stripe.paymentMethods.attach('pm_card_authenticationRequired', { customer });
      await stripe.customers.update(customer, { invoice_settings: { default_payment_method: method.id } });
    },
    async paysOpenInvoice(organization) {
      const { latest_invoice: invoice } = await stripe.subscriptions.retrieve(
        subscriptions.get(organization)?.id ?? '',
      );
      // Another card that asks nothing stands for the confirmation.
      const method = await stripe.paymentMethods.attach('pm_card_visa', { customer: await customerOf(organization) });
      await stripe.invoices.pay(String(invoice), { payment_method: method.id });
      await seatbelt.mark(organization);
    },
    async becomesOverdue(organization) {
      const customer = await customerOf(organization);
      sim.admin.breakCard(customer);
      const billed = subscriptions.get(organization);
      const { status } = await stripe.subscriptions.update(billed?.id ?? '', {
        billing_cycle_anchor: { type: 'now' },
        proration_behavior: 'none',
      });
      if (status !== 'past_due') throw new Error(`The renewal of ${organization} left it ${status}.`);
      // The next card that is tried is a good one.
      sim.admin.mendCard(customer);
      await seatbelt.mark(organization);
    },
    changeInStripe(organization, quantity) {
      const billed = subscriptions.get(organization);
      if (billed === undefined) throw new Error(`This test made no organization ${organization}.`);
      sim.admin.foreignQuantityChange({ subscription: billed.id, item: billed.item, quantity, by: 'dashboard' });
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
      await seatbelt.close();
      await sim.close();
      await database.drop();
    },
  };
}

/** Mails as the development server prints them, for whoever waits for one. */
class Mails {
  readonly #unread: { to: string; text: string }[] = [];
  readonly #waiting: { to: string; take: (text: string) => void }[] = [];

  read(line: string): void {
    if (!line.startsWith('{') || !line.includes('"mail":')) return;
    const { mail } = JSON.parse(line) as { mail: { to: string; text: string } };
    const index = this.#waiting.findIndex(({ to }) => to === mail.to);
    const [waiter] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (waiter) waiter.take(mail.text);
    else this.#unread.push(mail);
  }

  next(to: string): Promise<string> {
    const index = this.#unread.findIndex((mail) => mail.to === to);
    const [mail] = index < 0 ? [] : this.#unread.splice(index, 1);
    if (mail) return Promise.resolve(mail.text);
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#waiting.push({ to, take: resolve });
    return promise;
  }
}

async function startNext(
  port: number,
  onLine: (line: string) => void,
  env: Record<string, string | undefined>,
): Promise<{ stop(): Promise<void> }> {
  const folder = join(import.meta.dirname, '..', '..');
  const child = spawn(process.execPath, [nextProgram, 'start', folder, '-p', String(port), '-H', '127.0.0.1'], {
    // Next's types insist on NODE_ENV; it sets it by itself.
    env: env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said: string[] = [];
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  const { promise: gone, resolve: isGone } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      said.push(line);
      onLine(line);
      // What the server calls an error belongs beside the test that met it.
      if (/"level":[56]0/.test(line)) console.error(line);
      if (line.includes('Ready in')) resolve();
    });
  }
  child.once('error', reject);
  child.once('exit', (code) => {
    reject(new Error(`The dashboard ended with code ${code}:\n${said.join('\n')}`));
    isGone();
  });
  await ready;
  return {
    async stop() {
      // Not at once: it writes down what it has compiled.
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await gone;
      clearTimeout(late);
    },
  };
}
