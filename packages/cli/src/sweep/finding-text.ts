import type { SweepAnswer, SweepFinding } from 'seatbelt';

/** What was done about a finding, or would be, in words. */
export const answerWords: Readonly<Record<SweepAnswer, string>> = {
  adopted: 'adopted: what Stripe shows counts now',
  put_back: 'put back to what was agreed on',
  held: 'held until a person decides (`seatbelt resolve`)',
  ended: 'ended: no seats are available any more',
  being_written: 'being written to Stripe',
  left_to_another_process: 'left to the process that is at this account',
  asked: 'the host is asked whose it is',
  told: 'an incident of the organization says what to do',
  would_adopt: 'would be adopted',
  would_put_back: 'would be put back to what was agreed on',
  would_hold: 'would be held until a person decides',
  would_end: 'would be ended',
  would_ask: 'the host would be asked whose it is',
  would_tell: 'an incident of the organization would say what to do',
  reported: 'only reported',
  unreadable: 'Stripe could not be read about it',
};

/** One finding as a line. */
export function findingText(finding: SweepFinding): string {
  const who = finding.organization ?? '(no organization)';
  const numbers =
    finding.expectedQuantity === null
      ? ''
      : ` agreed on ${finding.expectedQuantity}, Stripe shows ${finding.observedQuantity ?? 'none'};`;
  return `${who}  ${finding.subscription ?? '-'}  ${finding.kind}:${numbers} ${finding.note} ${answerWords[finding.answer]}.`;
}
