/**
 * Makes the fixtures of this suite from a file of recorded request and answer pairs:
 *
 *     node packages/stripe-sim/test/conformance/extract.ts <recordings.json>
 *
 * What is written are facts (method, path, parameters, status, headers, keys, types, amounts) with ids, times and
 * everything of one account replaced by placeholders.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import type { GivenPrice, Json, RecordedStep, Scenario } from './fixture.ts';

interface Recording {
  cassette: string;
  step: number;
  method: string;
  path: string;
  form: string;
  recorded_at: string;
  status: number;
  headers: Record<string, string>;
  body: Json;
}

/** Which recordings make which scenario. Everything that has nothing to do with seats was left out. */
const SCENARIOS: { name: string; cassette: string; steps: number[] }[] = [
  { name: 'attach-a-card', cassette: 'test_stripe_can_update_card', steps: [18, 19, 20, 21, 22] },
  {
    name: 'cancel-at-period-end',
    cassette: 'test_cancel_now_when_scheduled_for_cancellation',
    steps: [0, 1, 2, 3, 8, 9],
  },
  { name: 'cancel-in-trial', cassette: 'test_cancel_now_when_on_trial', steps: [0, 1, 2, 3, 4] },
  { name: 'card-declined', cassette: 'test_stripe_handles_card_declined', steps: [0, 1] },
  { name: 'change-interval', cassette: 'test_stripe_can_swap_a_subscription', steps: [0, 1, 2, 3, 8, 13] },
  {
    name: 'change-payment-method',
    cassette: 'test_stripe_change_subscription_default_payment_method',
    steps: [0, 1, 2, 3, 8, 9, 10],
  },
  { name: 'change-quantity', cassette: 'test_stripe_change_subscription_quantity', steps: [0, 1, 2, 3, 6, 7, 8, 9] },
  {
    name: 'invoice-by-hand',
    cassette: 'test_stripe_can_swap_and_invoice_a_subscription',
    steps: [0, 1, 2, 3, 8, 14, 15],
  },
  {
    name: 'needs-authentication',
    cassette: 'test_stripe_fails_when_subscribing_with_SCA_card',
    steps: [14, 15, 16, 17],
  },
  { name: 'no-payment-method', cassette: 'test_stripe_fails_when_subscribing_with_no_payment_method', steps: [0, 1] },
  { name: 'pause-collection', cassette: 'test_stripe_can_pause_and_resume_a_subscription', steps: [0, 1, 2, 3, 8, 9] },
  {
    name: 'one-off-invoice',
    cassette: 'test_stripe_can_create_an_invoice',
    steps: [20, 21, 22, 23, 24, 25],
  },
  {
    name: 'reset-billing-cycle',
    cassette: 'test_stripe_can_swap_a_subscription_and_reset_billing_cycle',
    steps: [0, 1, 2, 3, 8, 13],
  },
  { name: 'resume-before-period-end', cassette: 'test_stripe_resume_on_grace_period', steps: [0, 1, 2, 3, 8, 9] },
  { name: 'retrieve-customer', cassette: 'test_stripe_creates_customer_when_no_processor_id', steps: [18, 19, 20, 21] },
  { name: 'ten-seats', cassette: 'test_stripe_allows_subscription_quantities', steps: [0, 1, 2, 3, 6, 7] },
  { name: 'trial', cassette: 'test_stripe_trial_period_options', steps: [10, 11, 12, 13] },
  {
    name: 'without-unit-label',
    cassette: 'test_connect_direct_subscription',
    steps: [3, 4, 5, 6, 9, 10],
  },
  { name: 'unknown-customer', cassette: 'test_updating_a_stripe_card', steps: [0] },
  {
    name: 'unknown-key',
    cassette: 'test_the_method_exits_early_if_the_invoice_status_matches_the_latest_invoice_status',
    steps: [0],
  },
  { name: 'unknown-payment-method', cassette: 'test_stripe_handles_exception_when_creating_a_customer', steps: [0, 1] },
  { name: 'unknown-price', cassette: 'test_stripe_handles_exception_when_creating_a_subscription', steps: [0, 1] },
];

const ID = /\b(?:cus|sub|si|in|il|ii|inpay|pi|pm|prod|price)_[0-9A-Za-z]{8,}\b/g;
/** Prices whose owner chose their ids; they stand alone or not at all. */
const NAMED_PRICES = new Set(['default', 'small-monthly', 'small-annual']);
const DAY = /\d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}/g;
/** What belongs to one account, one customer or one card and not to Stripe's behaviour. */
const OWN_TEXT = new Set(['account_name', 'invoice_prefix', 'number', 'fingerprint', 'receipt_number']);
const OWN_NUMBER = new Set(['exp_month', 'exp_year']);
const LINKS = new Set(['hosted_invoice_url', 'invoice_pdf']);
const FIRST_TIME = 1_000_000_000;

class Placeholders {
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  of(id: string): string {
    const known = this.#names.get(id);
    if (known !== undefined) return known;
    const prefix = id.slice(0, id.indexOf('_'));
    const count = (this.#counts.get(prefix) ?? 0) + 1;
    this.#counts.set(prefix, count);
    const name = NAMED_PRICES.has(id) ? `{price_${id}}` : `{${prefix}_${count}}`;
    this.#names.set(id, name);
    return name;
  }

  text(value: string): string {
    if (NAMED_PRICES.has(value)) return this.of(value);
    return value.replace(ID, (id) => this.of(id)).replace(DAY, '{day}');
  }
}

function normalize(value: Json, placeholders: Placeholders, key = ''): Json {
  if (Array.isArray(value)) return value.map((item) => normalize(item, placeholders));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, normalize(inner, placeholders, name)]),
    );
  }
  if (typeof value === 'number') {
    if (OWN_NUMBER.has(key)) return '{number}';
    return value >= FIRST_TIME ? '{time}' : value;
  }
  if (typeof value !== 'string') return value;
  // The links were removed from the source whatever was there; on a draft there may have been none.
  if (value === '<scrubbed>') return LINKS.has(key) ? '{unknown}' : '{text}';
  if (OWN_TEXT.has(key)) return '{text}';
  return placeholders.text(value).replace('<STRIPE_PRIVATE_KEY>', '{text}');
}

/** What these parameters are called in the pinned version; the recordings are older. */
const RENAMED: [was: RegExp, is: string][] = [
  [/\[plan\]$/, '[price]'],
  [/^billing_cycle_anchor$/, 'billing_cycle_anchor[type]'],
];

function presentName(key: string): string {
  return RENAMED.reduce((name, [was, is]) => name.replace(was, is), key);
}

function parameters(encoded: string, placeholders: Placeholders, sentAt: number): [string, string][] {
  return [...new URLSearchParams(encoded)].map(([key, value]) => {
    const seconds = Number(value);
    const moment = Number.isInteger(seconds) && seconds >= FIRST_TIME;
    return [presentName(key), moment ? `{now+${seconds - sentAt}}` : placeholders.text(value)];
  });
}

function headersOf(recording: Recording): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(recording.headers)) {
    if (name === 'Original-Request') headers[name] = '{request}';
    else if (name === 'Stripe-Version') headers[name] = '{version}';
    else if (name === 'Request-Id' || name === 'Idempotency-Key') headers[name] = '{text}';
    else headers[name] = value;
  }
  return headers;
}

function stepOf(recording: Recording, placeholders: Placeholders): RecordedStep {
  const [path = '', query = ''] = recording.path.split('?');
  const sentAt = Math.trunc(Date.parse(recording.recorded_at) / 1000);
  return {
    method: recording.method,
    path: placeholders.text(path),
    query: parameters(query, placeholders, sentAt),
    form: parameters(recording.form, placeholders, sentAt),
    status: recording.status,
    headers: headersOf(recording),
    body: normalize(recording.body, placeholders),
  };
}

/** Finds the prices that a scenario's answers show, since the account had them from the beginning. */
function givenIn(value: Json, placeholders: Placeholders, found: Map<string, GivenPrice>): void {
  if (Array.isArray(value)) {
    for (const item of value) givenIn(item, placeholders, found);
  } else if (typeof value === 'object' && value !== null) {
    if (value.object === 'price') {
      const id = placeholders.of(String(value.id));
      const recurring = value.recurring as { interval: string } | null;
      found.set(id, {
        id,
        product: placeholders.of(String(value.product)),
        product_name: 'Test Subscription',
        unit_label: 'user',
        currency: String(value.currency),
        unit_amount: Number(value.unit_amount),
        interval: recurring?.interval ?? null,
        nickname: value.nickname === null ? null : String(value.nickname),
        tax_behavior: String(value.tax_behavior),
      });
    }
    for (const inner of Object.values(value)) givenIn(inner, placeholders, found);
  }
}

/** A refused request shows no price, and yet it named one that the account had. */
const SMALL_MONTHLY: GivenPrice = {
  id: '{price_small-monthly}',
  product: '{prod_1}',
  product_name: 'Test Subscription',
  unit_label: 'user',
  currency: 'usd',
  unit_amount: 2500,
  interval: 'month',
  nickname: 'Small Monthly',
  tax_behavior: 'exclusive',
};

/** A line's text names its product and the label of one unit, as in `1 user × Test Subscription (at $10.00 / month)`. */
const LINE_TEXT = /^(?:Free trial for )?\d+ (?:(\S+) )?× (.+?)(?: \(at .+\))?$/;

/** Products are named nowhere else in the recordings. */
function nameProducts(value: Json, placeholders: Placeholders, found: Map<string, GivenPrice>): void {
  if (Array.isArray(value)) {
    for (const item of value) nameProducts(item, placeholders, found);
  } else if (typeof value === 'object' && value !== null) {
    const text = value.object === 'line_item' ? LINE_TEXT.exec(String(value.description)) : null;
    if (text !== null) {
      const pricing = value.pricing as { price_details: { price: string } };
      const given = found.get(placeholders.of(pricing.price_details.price));
      if (given !== undefined) {
        given.unit_label = text[1] ?? null;
        given.product_name = text[2] ?? given.product_name;
      }
    }
    for (const inner of Object.values(value)) nameProducts(inner, placeholders, found);
  }
}

function scenarioOf(definition: (typeof SCENARIOS)[number], recordings: Recording[]): Scenario {
  const placeholders = new Placeholders();
  const given = new Map<string, GivenPrice>();
  const parts = definition.steps.map((step) => {
    const found = recordings.find((one) => one.cassette === definition.cassette && one.step === step);
    if (found === undefined) throw new Error(`${definition.cassette} has no step ${step}`);
    return found;
  });
  const steps = parts.map((recording) => {
    const step = stepOf(recording, placeholders);
    givenIn(recording.body, placeholders, given);
    return step;
  });
  for (const { body } of parts) nameProducts(body, placeholders, given);
  const names = JSON.stringify(steps.map((step) => step.form));
  if (names.includes(SMALL_MONTHLY.id) && !given.has(SMALL_MONTHLY.id)) given.set(SMALL_MONTHLY.id, SMALL_MONTHLY);
  const first = parts[0];
  return {
    name: definition.name,
    source: {
      cassette: definition.cassette,
      recorded: new Date(first?.recorded_at ?? '').toISOString().slice(0, 10),
      apiVersion: first?.headers['Stripe-Version'] ?? 'not recorded',
    },
    given: [...given.values()],
    steps,
  };
}

const [file] = process.argv.slice(2);
if (file === undefined) throw new Error('Say which file of recordings to read.');
const recordings: Recording[] = JSON.parse(readFileSync(file, 'utf8'));
for (const definition of SCENARIOS) {
  const scenario = scenarioOf(definition, recordings);
  const target = new URL(`../fixtures/${definition.name}.json`, import.meta.url);
  writeFileSync(target, `${JSON.stringify(scenario, null, 1)}\n`);
  console.log(`${definition.name}: ${scenario.steps.length} steps, ${scenario.given.length} prices`);
}
