'use client';

import dynamic from 'next/dynamic';
import { Card, CardTitle } from '#components/ui/card.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';

/*
 * What is not in the first load: nobody needs it to see the seats or to choose a number, or it waits for an answer of the
 * server anyway. It is fetched as soon as the screen works. Most of it is not rendered on the server, so that no boundary waits
 * for it while the rest is being hydrated.
 */

export const Aside = dynamic(() => import('./aside.tsx').then((aside) => aside.Aside), {
  ssr: false,
  loading: () => (
    <>
      <div className={asideGrid}>
        <Waiting title="Latest change" className="max-md:order-1" height="min-h-44" />
        <Waiting title="Both sides" className="max-md:order-1" height="min-h-36" />
      </div>
      <Waiting title="Invoices" className="max-lg:order-3" height="min-h-22" />
    </>
  ),
});

export const UseCard = dynamic(() => import('./use-card.tsx').then((use) => use.UseCard), {
  ssr: false,
  loading: () => <Waiting title="Seats in use" className="max-lg:order-2" height="min-h-74 md:min-h-32" />,
});

export const OverTime = dynamic(() => import('./over-time.tsx').then((chart) => chart.OverTime), {
  ssr: false,
  loading: () => <Skeleton className="h-80 rounded-xl max-lg:order-3" />,
});

export const History = dynamic(() => import('./history.tsx').then((history) => history.History), {
  ssr: false,
  loading: () => <Skeleton className="h-96 rounded-xl max-lg:order-3" />,
});

/** The demo's own. */
export const FaultPanel = dynamic(() => import('#components/dev/fault-panel.tsx').then((panel) => panel.FaultPanel), {
  ssr: false,
  loading: () => <Skeleton className="h-96 rounded-xl max-lg:order-4" />,
});

/** What was refused, or did not arrive. */
export const IntentionEnding = dynamic(
  () => import('./intention-ending.tsx').then((ending) => ending.IntentionEnding),
  { ssr: false },
);

export const Progress = dynamic(() => import('./intention-ending.tsx').then((ending) => ending.Progress), {
  ssr: false,
});

/** What is so is rendered on the server as well, so that it does not push down what stands below it. */
export const Notices = dynamic(() => import('./notices.tsx').then((notices) => notices.Notices));

/** What is planned is rendered on the server as well, so that it does not push down what stands below it. */
export const Planned = dynamic(() => import('./planned.tsx').then((planned) => planned.Planned));

/** Where the latest change and both sides stand next to each other. */
export const asideGrid = 'grid grid-cols-[minmax(0,1fr)] gap-5 max-md:contents md:max-lg:order-1 md:max-lg:grid-cols-2';

/** A card with its name and its place, before it is known what it says. */
function Waiting({ title, className, height }: { title: string; className: string; height: string }) {
  return (
    <Card aria-label={title} className={className}>
      <CardTitle>{title}</CardTitle>
      <div className={`mt-3 ${height}`}>
        <Skeleton className="h-5 w-2/3" />
        <Skeleton className="mt-3 h-4 w-full" />
        <Skeleton className="mt-2 h-4 w-5/6" />
      </div>
    </Card>
  );
}
