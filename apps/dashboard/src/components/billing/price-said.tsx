'use client';

import { useLocale } from '#components/locale.tsx';
import type { Quote } from '#hooks/use-quote.ts';
import { type Interval, priceWords } from '#lib/price-words.ts';
import { refusalSentence } from '#lib/refusal-sentences.ts';
import { PriceSkeleton } from './price-skeleton.tsx';

/** What is known of the price of a choice, in sentences. */
export function PriceSaid({
  price,
  from,
  to,
  decreasesLater,
  interval,
}: {
  price: Exclude<Quote, { is: 'none' }>;
  from: number;
  to: number;
  decreasesLater: boolean;
  interval: Interval | null;
}) {
  const locale = useLocale();
  switch (price.is) {
    case 'asking':
      return <PriceSkeleton />;
    case 'unknown':
      return (
        <p className="text-caution">
          Stripe cannot be asked for the price just now. You can go on without one: what is charged is then what your
          contract says. Or wait; it is asked again.
        </p>
      );
    case 'refused': {
      const { title, next, exact } = refusalSentence(price.problem.body);
      return (
        <p className="text-stopped">
          {title} {exact ?? next}
        </p>
      );
    }
    case 'quoted': {
      const { lead, apart } = priceWords({ quote: price.quote, from, to, decreasesLater, interval }, locale);
      return (
        <>
          <p className="font-medium">{lead}</p>
          {apart.map((sentence) => (
            <p key={sentence} className="mt-1 text-muted-foreground">
              {sentence}
            </p>
          ))}
        </>
      );
    }
  }
}
