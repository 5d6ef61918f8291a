import type { AgreedTerms, Evidence, Finding } from './evidence.ts';

/** What the contract bills: included seats are free, the minimum is billed anyway. Written from the contract, not imported. */
export function billedFor(seats: number, terms: AgreedTerms): number {
  const beyond = seats > terms.includedSeats ? seats - terms.includedSeats : 0;
  return Math.max(beyond, terms.minimumQuantity);
}

/** G5: both sides say the same number. G10: where somebody else changed it, it is equal again or held and shown. */
export function* judgeSides(evidence: Evidence): Generator<Finding> {
  const rows = new Map(evidence.rows.map((row) => [row.organization, row]));
  const subscriptions = new Map(evidence.subscriptions.map((subscription) => [subscription.id, subscription]));
  for (const { id, subscription, item, terms, foreign } of evidence.organizations) {
    const row = rows.get(id);
    if (row === undefined) continue;
    if (row.subscription !== subscription || row.item !== item) {
      yield {
        guarantee: 'G5',
        organization: id,
        message: `it is linked to ${row.subscription}, not to ${subscription}`,
      };
      continue;
    }
    const billed = subscriptions.get(subscription)?.items.find((candidate) => candidate.id === item)?.quantity;
    if (billed === undefined || billed === null) {
      yield { guarantee: 'G5', organization: id, message: `Stripe does not have the item ${item} of ${subscription}` };
      continue;
    }
    const screen = evidence.screens.get(id);
    if (foreign && screen?.status === 'held') {
      if (screen.incidents.length > 0) continue;
      yield { guarantee: 'G10', organization: id, message: 'held for a change by somebody else, without an incident' };
      continue;
    }
    const wanted = billedFor(row.settledSeats, terms);
    if (billed !== wanted) {
      yield {
        guarantee: foreign ? 'G10' : 'G5',
        organization: id,
        message: `Stripe bills ${billed}; ${row.settledSeats} settled seats are billed as ${wanted}`,
      };
    }
    if (row.settledSeats !== row.seatCount) {
      yield {
        guarantee: 'G5',
        organization: id,
        message: `${row.settledSeats} seats are settled and ${row.seatCount} are shown, with nothing open`,
      };
    }
  }
  for (const message of evidence.stripeViolations) yield { guarantee: 'G5', organization: null, message };
}
