import type { Stage } from './stage.ts';

/**
 * The end of every story: the numbers of both sides are the expected one, nothing is open, the audit trail is whole, and
 * the simulated Stripe knows of no broken invariant. Any of these that is not so fails the run.
 */
export async function checkAgreement(stage: Stage, expected: number): Promise<string> {
  const { database, stripe } = await stage.both('at the end');
  stage.expect(`Stripe bills ${expected} (it bills ${stripe})`, stripe === expected);
  stage.expect(
    `the database has ${expected} seats (it has ${database?.seatCount ?? 'no answer'})`,
    database?.seatCount === expected,
  );
  stage.expect(
    `${expected} are settled (${database?.settledSeats ?? 'no answer'} are)`,
    database?.settledSeats === expected,
  );
  stage.expect(`nothing is open (push: ${database?.pushState ?? 'none'})`, database?.pushState === null);

  const audit = await stage.operator('audit', 'verify', stage.linked.organization, '--json');
  stage.expect(
    `the audit trail is whole${audit.code === 0 ? '' : `: ${audit.said}${audit.complained}`}`,
    audit.code === 0,
  );
  const entries = audit.code === 0 ? (JSON.parse(audit.said) as { entries: number }).entries : 0;

  const { violations } = await stage.product.simulator.truth();
  stage.expect(
    `Stripe's own books are in order${violations.length === 0 ? '' : `: ${violations.join('; ')}`}`,
    violations.length === 0,
  );
  return `Stripe ${stripe} = settled ${database?.settledSeats} = seats ${database?.seatCount}; audit of ${entries} entries whole; no violations`;
}
