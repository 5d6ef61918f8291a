import type { GivenPrice, Json, RecordedStep, Scenario } from './fixture.ts';

/**
 * What nobody has published a recording of and the simulator therefore infers. `conformance:live` sends these and
 * writes the answers; nothing is compared, because there is nothing to compare with yet. `docs/simulator.md` lists
 * what each of them would settle.
 */
const SEAT: GivenPrice = {
  id: '{price_seat}',
  product: '{prod_1}',
  product_name: 'Team',
  unit_label: 'seat',
  currency: 'usd',
  unit_amount: 1000,
  interval: 'month',
  nickname: null,
  tax_behavior: 'unspecified',
};

/** Placeholders here only name what an answer gives; the rest of each body is of no matter. */
function post(path: string, form: [string, string][], body: Json = {}): RecordedStep {
  return { method: 'POST', path, query: [], form, status: 200, headers: {}, body };
}

function get(path: string, query: [string, string][] = []): RecordedStep {
  return { method: 'GET', path, query, form: [], status: 200, headers: {}, body: {} };
}

function subscribed(quantity: number): RecordedStep[] {
  return [
    post('/v1/customers', [['email', 'question@example.org']], { id: '{cus_1}' }),
    post('/v1/payment_methods/pm_card_visa/attach', [['customer', '{cus_1}']], { id: '{pm_1}' }),
    post('/v1/customers/{cus_1}', [['invoice_settings[default_payment_method]', '{pm_1}']]),
    post(
      '/v1/subscriptions',
      [
        ['customer', '{cus_1}'],
        ['items[0][price]', '{price_seat}'],
        ['items[0][quantity]', String(quantity)],
        ['expand[0]', 'latest_invoice.payments'],
      ],
      { id: '{sub_1}', items: { data: [{ id: '{si_1}' }] } },
    ),
  ];
}

function change(quantity: number, more: [string, string][] = []): RecordedStep {
  return post('/v1/subscriptions/{sub_1}', [
    ['items[0][id]', '{si_1}'],
    ['items[0][quantity]', String(quantity)],
    ['expand[0]', 'latest_invoice.payments'],
    ...more,
  ]);
}

/** From now on every charge of the customer is declined, which is what makes an increase fail. */
const CARD_GOES_BAD: RecordedStep[] = [
  post('/v1/payment_methods/pm_card_chargeCustomerFail/attach', [['customer', '{cus_1}']], { id: '{pm_2}' }),
  post('/v1/customers/{cus_1}', [['invoice_settings[default_payment_method]', '{pm_2}']]),
];

const LATEST_EVENTS = get('/v1/events', [['limit', '30']]);

function question(name: string, steps: RecordedStep[]): Scenario {
  return {
    name: `question-${name}`,
    source: { cassette: 'none', recorded: 'never', apiVersion: 'none' },
    given: [SEAT],
    steps,
  };
}

export const OPEN_QUESTIONS: readonly Scenario[] = [
  question('preview', [
    ...subscribed(2),
    post('/v1/invoices/create_preview', [
      ['subscription', '{sub_1}'],
      ['subscription_details[items][0][id]', '{si_1}'],
      ['subscription_details[items][0][quantity]', '5'],
      ['subscription_details[proration_behavior]', 'always_invoice'],
    ]),
    post('/v1/invoices/create_preview', [
      ['subscription', '{sub_1}'],
      ['subscription_details[items][0][id]', '{si_1}'],
      ['subscription_details[items][0][quantity]', '5'],
    ]),
  ]),
  question('same-quantity-again', [
    ...subscribed(2),
    change(2, [['proration_behavior', 'always_invoice']]),
    LATEST_EVENTS,
  ]),
  question('quantity-zero-and-huge', [...subscribed(2), change(0), change(1_000_000), change(1_000_000_000)]),
  question('pending-update', [
    ...subscribed(2),
    ...CARD_GOES_BAD,
    change(5, [
      ['proration_behavior', 'always_invoice'],
      ['payment_behavior', 'pending_if_incomplete'],
    ]),
    LATEST_EVENTS,
  ]),
  question('error-if-incomplete', [
    ...subscribed(2),
    ...CARD_GOES_BAD,
    change(5, [
      ['proration_behavior', 'always_invoice'],
      ['payment_behavior', 'error_if_incomplete'],
    ]),
    get('/v1/subscriptions/{sub_1}'),
    LATEST_EVENTS,
  ]),
  question('schedule-attached', [
    ...subscribed(2),
    post('/v1/subscription_schedules', [['from_subscription', '{sub_1}']], { id: '{schedule_1}' }),
    change(5),
    get('/v1/subscriptions/{sub_1}', [['expand[]', 'schedule']]),
  ]),
  question('credit-for-unpaid-seats', [
    ...subscribed(5),
    change(8, [['proration_behavior', 'none']]),
    change(6, [['proration_behavior', 'always_invoice']]),
  ]),
];
