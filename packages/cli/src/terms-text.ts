import type { Terms } from 'seatbelt';
import { table } from './output/table.ts';
import { duration } from './output/times.ts';

/** Terms as lines, each with the option that changes it. */
export function termsText(terms: Terms): string {
  const { increase, decrease, guard } = terms;
  const answers = Object.entries(terms.onForeignChange).map(([cause, answer]) => `${cause}=${answer}`);
  return table(
    [{ title: 'TERM' }, { title: 'VALUE' }, { title: 'OPTION' }],
    [
      ['mode', terms.mode, '--mode'],
      ['minimum seats', count(terms.minimumSeats), '--minimum-seats'],
      ['maximum seats', count(terms.maximumSeats), '--maximum-seats'],
      ['included seats', count(terms.includedSeats), '--included-seats'],
      ['minimum quantity', count(terms.minimumQuantity), '--minimum-quantity'],
      [
        'more seats',
        `${increase.prorationBehavior}, ${increase.paymentBehavior}`,
        '--increase-proration, --increase-payment',
      ],
      [
        'fewer seats',
        `${decrease.prorationBehavior}, ${decrease.paymentBehavior}`,
        '--decrease-proration, --decrease-payment',
      ],
      ['fewer seats take effect', decrease.when, '--decrease-when'],
      ['a burst settles', terms.settleMs === 0 ? 'no' : `for ${duration(terms.settleMs)}`, '--settle-ms'],
      ['at the latest after', terms.maxWaitMs === 0 ? '-' : duration(terms.maxWaitMs), '--max-wait-ms'],
      ['seats a day without approval', count(guard.seatsPerDay), '--seats-per-day'],
      ['money a day without approval', count(guard.amountPerDay), '--amount-per-day'],
      ['changed elsewhere', answers.length === 0 ? 'hold' : `${answers.join(', ')}, else hold`, '--on-foreign-change'],
    ],
  );
}

function count(value: number | null): string {
  return value === null ? 'none' : value.toLocaleString('en-US');
}
