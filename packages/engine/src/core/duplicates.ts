/** A customer who pays twice: another subscription bills the seats that the linked one bills already. */
import type { Step } from './step.ts';
import type { Command } from './types.ts';

const kind = 'duplicate_subscription';

/**
 * Opens the incident, says it anew where other subscriptions are meant by now, and closes it when there is none left.
 * Seats and money are not touched: which of the two is to stay is a person's to say, and so is a refund.
 */
export function tellDuplicates(step: Step, command: Extract<Command, { type: 'duplicates' }>): void {
  const { link, status } = step.account;
  if (command.subscriptions.length === 0 || link === null || status === 'ended') {
    step.closeIncidents(kind, null, 'No other subscription bills this customer for seats any more.');
    return;
  }
  const others = command.subscriptions.map(({ subscription, quantity }) => `${subscription} (quantity ${quantity})`);
  const message =
    `The customer ${link.customer} pays twice: besides ${link.subscription}, which is linked, ${others.join(' and ')} ` +
    `${others.length === 1 ? 'bills' : 'bill'} the same seats. Cancel what is not meant to stay in Stripe and refund what it charged; ` +
    'where the other one is to stay, cancel the linked one and link the other. This closes by itself then.';
  const told = step.openIncidents.find((incident) => incident.kind === kind);
  if (told?.message === message) return;
  step.closeIncidents(kind, null, 'Other subscriptions bill this customer by now, which is told anew.');
  step.openIncident(kind, 'act', null, message, 'duplicate_subscription');
}
