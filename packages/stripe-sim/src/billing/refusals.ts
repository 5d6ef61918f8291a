import { refused } from '../http/errors.ts';
import type { SubscriptionRow } from '../state/rows.ts';
import type { ChangeParams } from './change-params.ts';

const always = new Set(['expand', 'metadata', 'cancellation_details']);
const whileIncomplete = new Set(['expand', 'metadata', 'default_payment_method', 'description', 'payment_settings']);
const cancelFields = ['cancel_at', 'cancel_at_period_end'] as const;

/** Throws what Stripe answers when the state of the subscription forbids the change. */
export function refuseByState(row: SubscriptionRow, params: ChangeParams): void {
  const given = Object.entries(params)
    .filter(([, value]) => value !== undefined)
    .map(([name]) => name);
  if (row.status === 'canceled' || row.status === 'incomplete_expired') {
    if (given.some((name) => !always.has(name))) {
      throw refused(
        'A canceled subscription can only update its cancellation_details and metadata.',
        undefined,
        'invalid_canceled_subscription_fields',
      );
    }
  }
  if (row.status === 'incomplete') {
    const forbidden = given.find((name) => !whileIncomplete.has(name));
    if (forbidden !== undefined) {
      throw refused(
        `A subscription with status \`incomplete\` can only update its metadata and default payment method; \`${forbidden}\` is not allowed until its first invoice is paid.`,
        forbidden,
      );
    }
  }
  const schedule = row.extras?.schedule ?? null;
  if (schedule !== null && cancelFields.some((name) => params[name] !== undefined)) {
    throw refused(
      `The subscription is managed by the subscription schedule \`${schedule}\`, and updating any cancelation behavior ` +
        'directly is not allowed. Please update the schedule instead.',
    );
  }
}
