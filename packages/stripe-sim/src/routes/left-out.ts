import { notSimulated } from '../http/errors.ts';
import { type Fields, hash, notModelled, text } from '../http/params.ts';
import { type Route, route } from '../http/route.ts';

/**
 * Parameters that Stripe has and no route here reads. They are refused by name, so that nobody takes them for mistyped;
 * what asks for nothing passes. `test/conformance/parameters.test.ts` holds this against the SDK.
 */
const leftOut: Record<string, Fields> = {
  'POST /v1/products': named('marketing_features', 'package_dimensions', 'tax_details'),
  'POST /v1/products/:id': named('marketing_features', 'package_dimensions', 'tax_details'),
  'GET /v1/products': named('type'),
  'POST /v1/prices/:id': named('currency_options'),
  'POST /v1/customers': { ...named('business_name', 'individual_name'), validate: notModelled(['false']) },
  'POST /v1/customers/:id': {
    ...named('business_name', 'individual_name', 'default_source'),
    validate: notModelled(['false']),
  },
  'GET /v1/customers/:customer/balance_transactions': named('created', 'invoice'),
  'POST /v1/payment_methods': {
    ...named('allow_redisplay', 'customer', 'payment_method', 'radar_options', 'custom'),
    // Ways to pay other than by card.
    ...named('acss_debit', 'affirm', 'afterpay_clearpay', 'alipay', 'alma', 'amazon_pay', 'au_becs_debit'),
    ...named('bacs_debit', 'bancontact', 'billie', 'bizum', 'blik', 'boleto', 'cashapp', 'crypto', 'customer_balance'),
    ...named('eps', 'fpx', 'giropay', 'grabpay', 'ideal', 'interac_present', 'kakao_pay', 'klarna', 'konbini'),
    ...named('kr_card', 'link', 'mb_way', 'mobilepay', 'multibanco', 'naver_pay', 'nz_bank_account', 'oxxo', 'p24'),
    ...named('pay_by_bank', 'payco', 'paynow', 'paypal', 'paypay', 'payto', 'pix', 'promptpay', 'revolut_pay'),
    ...named('samsung_pay', 'satispay', 'scalapay', 'sepa_debit', 'sequra', 'sofort', 'sunbit', 'swish', 'twint'),
    ...named('upi', 'us_bank_account', 'wechat_pay', 'zip'),
  },
  'GET /v1/payment_methods': named('customer_account'),
  'POST /v1/payment_methods/:id/attach': named('customer_account'),
  'POST /v1/subscriptions': named(
    'billing_cycle_anchor_config',
    'billing_schedules',
    'customer_account',
    'default_source',
  ),
  'POST /v1/subscriptions/:id': named('billing_schedules', 'default_source'),
  'GET /v1/subscriptions': named('automatic_tax', 'current_period_end', 'current_period_start', 'customer_account'),
  'POST /v1/subscription_items': named('current_trial'),
  'POST /v1/subscription_items/:id': named('current_trial'),
  'POST /v1/subscription_schedules': named('billing_mode', 'customer_account', 'pause_schedules'),
  'POST /v1/subscription_schedules/:id': named('pause_schedules'),
  'GET /v1/subscription_schedules': named('canceled_at', 'completed_at', 'customer_account', 'released_at'),
  'POST /v1/invoices/create_preview': named('customer_account'),
  'POST /v1/invoices': { ...ofInvoice(), ...named('currency', 'customer_account', 'from_invoice') },
  'POST /v1/invoices/:id': ofInvoice(),
  'POST /v1/invoices/:id/pay': named('mandate', 'source'),
  'GET /v1/invoices': named('customer_account', 'due_date'),
  'POST /v1/invoiceitems': {
    ...named('customer_account', 'discounts', 'invoice', 'period', 'price_data', 'pricing', 'quantity'),
    ...named('quantity_decimal', 'tax_behavior', 'tax_code', 'tax_rates', 'unit_amount_decimal'),
    discountable: notModelled(['true']),
  },
  'GET /v1/invoiceitems': named('customer_account'),
  'POST /v1/payment_intents/:id/confirm': {
    ...named('allowed_payment_method_types', 'amount_details', 'amount_to_confirm', 'capture_method'),
    ...named('confirmation_token', 'excluded_payment_method_types', 'hooks', 'mandate', 'mandate_data'),
    ...named('payment_details', 'payment_method_data', 'payment_method_options', 'radar_options', 'receipt_email'),
    ...named('setup_future_usage', 'shipping'),
    error_on_requires_action: notModelled(['false']),
    use_stripe_sdk: notModelled(['false']),
  },
  'GET /v1/payment_intents': named('customer_account'),
  'GET /v1/charges': named('transfer_group'),
  'POST /v1/test_helpers/test_clocks': named('customer'),
};

function ofInvoice(): Fields {
  return {
    ...named('account_tax_ids', 'application_fee_amount', 'automatically_finalizes_at', 'custom_fields'),
    ...named('days_until_due', 'default_payment_method', 'default_source', 'default_tax_rates', 'discounts'),
    ...named('due_date', 'effective_at', 'footer', 'issuer', 'number', 'on_behalf_of', 'payment_settings'),
    ...named('rendering', 'shipping_cost', 'shipping_details', 'statement_descriptor', 'transfer_data'),
    automatic_tax: hash({ enabled: notModelled(['false']) }),
    collection_method: notModelled(['charge_automatically']),
  };
}

function named(...names: string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, notModelled()]));
}

/** The routes with what they leave out; what a route reads itself comes first. */
export function withLeftOut(routes: Route[]): Route[] {
  return routes.map((one) => ({ ...one, params: { ...leftOut[`${one.method} ${one.pattern}`], ...one.params } }));
}

/** Searches would otherwise be taken for objects with the id `search`. */
export const searchRoutes: Route[] = [
  'charges',
  'customers',
  'invoices',
  'payment_intents',
  'prices',
  'products',
  'subscriptions',
].map((collection) =>
  route({
    method: 'GET',
    pattern: `/v1/${collection}/search`,
    params: { query: text, limit: text, page: text, expand: notModelled() },
    run: () => {
      throw notSimulated('search; list the objects and choose among them');
    },
  }),
);
