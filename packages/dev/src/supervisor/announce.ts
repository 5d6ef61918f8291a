import type { StripeSim } from '@seatbelt/stripe-sim';
import pc from 'picocolors';
import type { Environment, StripeEnvironment } from 'seatbelt/environment';
import { stripeItself } from 'seatbelt/environment';
import type { EmbeddedPostgres } from '../embedded-postgres/index.ts';
import { demoOrganizations } from './demo-organizations.ts';
import type { SupervisorLog } from './log.ts';
import type { StateDirectory } from './state-directory.ts';

export type Product = {
  environment: Environment;
  url: string;
  simulator: StripeSim | undefined;
  postgres: EmbeddedPostgres | undefined;
  state: StateDirectory;
  stripe: StripeEnvironment;
};

/** Says where to look, what was started and what was not. No password and no key is printed. */
export function announce(product: Product, log: SupervisorLog): void {
  if (product.environment.mode === 'configured' && process.stdout.isTTY !== true) {
    log.logger.info({ url: product.url, not_started: notStarted(product) }, 'Seatbelt is running.');
    return;
  }
  const lines = [
    '',
    pc.bold(`Seatbelt is running: ${pc.cyan(product.url)}`),
    '',
    ...whereToLook(product),
    '',
    `Started      ${started(product).join(', ')}`,
    ...notStarted(product).map((line) => `Not started  ${line}`),
    '',
    `Stop it with Ctrl-C.${product.postgres === undefined ? '' : ` What you did stays in ${product.state.folder}; remove that folder to begin anew.`}`,
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function whereToLook({ environment, url, simulator, state }: Product): string[] {
  if (environment.mode === 'configured') return [`  Health       ${url}/api/health`];
  const pages =
    simulator === undefined
      ? []
      : [
          ...demoOrganizations.map(({ id, seats, holders }) => ({
            address: `${url}/organizations/${id}`,
            what: `${holders.length === seats ? 'at capacity' : 'with room'}: began with ${seats} seats, ${holders.length} used`,
          })),
          { address: `${simulator.url}/_sim`, what: 'the simulated Stripe: what it knows, and its faults' },
        ];
  const width = Math.max(0, ...pages.map(({ address }) => address.length));
  return [
    ...pages.map(({ address, what }) => `  ${address.padEnd(width)}   ${what}`),
    '',
    '  From a program or a shell (addresses and keys are in a file that only you can read):',
    `    set -a; . ${state.environment}; set +a`,
    `    curl -H "Authorization: Bearer $SEATBELT_API_KEY" -H "Seatbelt-Organization: org_demo" ${url}/api/billing/seats`,
    '    npx seatbelt explain org_demo',
    '    psql "$DATABASE_URL"',
  ];
}

function started({ simulator, postgres, stripe }: Product): string[] {
  return [
    ...(postgres === undefined ? [] : [`PostgreSQL ${postgres.version} on port ${postgres.port}`]),
    ...(simulator === undefined ? [] : [`a simulated Stripe on port ${simulator.port}`]),
    'the dashboard',
    'the worker',
    ...(simulator === undefined
      ? [`(Stripe is ${stripe.apiBase === stripeItself ? 'Stripe itself' : stripe.apiBase})`]
      : []),
  ];
}

function notStarted({ environment, simulator, postgres, stripe }: Product): string[] {
  return [
    ...(postgres === undefined ? ['an embedded PostgreSQL: DATABASE_URL is set'] : []),
    ...(simulator === undefined ? ['the simulated Stripe: STRIPE_SECRET_KEY is set'] : []),
    ...(environment.sentryDsn === null ? ['alerts to Sentry: SENTRY_DSN is not set (they go to this log)'] : []),
    ...(stripe.webhookSecret === null
      ? ['webhooks: STRIPE_WEBHOOK_SECRET is not set (changes made elsewhere are found late, by the next look)']
      : []),
    ...(environment.mode === 'embedded' && simulator === undefined
      ? ['demo organizations: Stripe is your own (link one with the CLI)']
      : []),
  ];
}
