'use client';

import dynamic from 'next/dynamic';
import type { Quote } from '#hooks/use-quote.ts';
import type { Interval } from '#lib/price-words.ts';
import { PriceSkeleton } from './price-skeleton.tsx';

// Its sentences are needed once something is chosen, and are here before Stripe has said the price.
const PriceSaid = dynamic(() => import('./price-said.tsx').then((words) => words.PriceSaid), {
  ssr: false,
  loading: () => <PriceSkeleton />,
});

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
    <div data-price={price.is} className="mt-4 min-h-[5.5rem] rounded-lg bg-muted/60 px-4 py-3 text-sm">
      {/* A hint is there to be read; only a price is news. */}
      {price.is === 'none' ? <p className="text-muted-foreground">{idle}</p> : null}
      <div aria-live="polite">
        {price.is === 'none' ? null : (
          <PriceSaid price={price} from={from} to={to} decreasesLater={decreasesLater} interval={interval} />
        )}
      </div>
    </div>
  );
}
