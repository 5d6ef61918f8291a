import type { Price } from '../client/manager.ts';
import { formatMoney } from '../client/money.ts';
import { dayOf } from './day-of.ts';
import type { Words } from './words.ts';

/** What the choice costs, in a sentence; null where nothing is chosen. */
export function priceSentence(
  price: Price,
  seen: number,
  { words, locale, write }: { words: Words; locale: string | undefined; write: (count: number) => string },
): string | null {
  switch (price.is) {
    case 'none':
      return null;
    case 'asking':
      return words.price.asking;
    case 'unknown':
      return price.problem === null ? words.price.unknown : `${words.price.unknown} ${price.problem.detail}`;
    case 'quoted': {
      const { dueNow, atRenewal, credit, charge, currency } = price.quote;
      const count = Math.abs(price.seats - seen);
      const difference = words.price.difference(words.seats(count, write(count)), price.seats > seen);
      const money = (amount: number) => formatMoney(amount, currency, locale);
      const back = -(credit + charge);
      const now =
        dueNow > 0
          ? words.price.today(difference, money(dueNow))
          : back > 0
            ? words.price.givesBack(difference, money(back))
            : words.price.nothingToday(difference);
      // A subscription that ends with its period has no next invoice.
      if (atRenewal.at === null && atRenewal.amountDue === 0) return now;
      return `${now} ${words.price.renewal(money(atRenewal.amountDue), dayOf(atRenewal.at, locale))}`;
    }
  }
}
