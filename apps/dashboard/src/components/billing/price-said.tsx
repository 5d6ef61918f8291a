'use client';

import { useLocale } from '#components/locale.tsx';
import type { Quote } from '#hooks/use-quote.ts';
import { type Interval, priceWords } from '#lib/price-words.ts';
import { refusalSentence } from '#lib/refusal-sentences.ts';
import { type WhoFailed, whoFailed } from '#lib/who-failed.ts';
import { PriceSkeleton } from './price-skeleton.tsx';

const unread: Readonly<Record<WhoFailed, string>> = {
  stripe: 'Stripe cannot be asked for the price just now.',
  database: 'The database cannot be read just now, so the price is not known.',
  server: 'The server cannot answer just now, so the price is not known.',
  offline: 'This browser is offline, so the price is not known.',
  turned_away: 'The server does not tell the price to this session any more.',
};

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
          {unread[whoFailed(price.error, navigator.onLine)]} You can go on without a price: what is charged is then what
          your contract says. Or wait; it is asked again every few seconds.
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
