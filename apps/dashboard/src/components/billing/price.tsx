'use client';

import { useLocale } from '#components/locale.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import type { Quote } from '#hooks/use-quote.ts';
import { type Interval, priceWords } from '#lib/price-words.ts';
import { refusalSentence } from '#lib/refusal-sentences.ts';

/** What the choice costs, as Stripe says it. It has its place from the start, so that nothing moves when it comes. */
export function Price({
  price,
  from,
  to,
  decreasesLater,
  interval,
  idle,
}: {
  price: Quote;
  from: number;
  to: number;
  decreasesLater: boolean;
  interval: Interval | null;
  /** Said while nothing is chosen. */
  idle: string;
}) {
  return (
    <div
      aria-live="polite"
      data-price={price.is}
      className="mt-4 min-h-[5.5rem] rounded-lg bg-muted/60 px-4 py-3 text-sm"
    >
      <Words price={price} from={from} to={to} decreasesLater={decreasesLater} interval={interval} idle={idle} />
    </div>
  );
}

function Words({ price, from, to, decreasesLater, interval, idle }: Parameters<typeof Price>[0]) {
  const locale = useLocale();
  switch (price.is) {
    case 'none':
      return <p className="text-muted-foreground">{idle}</p>;
    case 'asking':
      return (
        <>
          <p className="sr-only">Asking Stripe for the price.</p>
          <Skeleton className="h-4 w-5/6" />
          <Skeleton className="mt-2 h-4 w-1/2" />
        </>
      );
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
