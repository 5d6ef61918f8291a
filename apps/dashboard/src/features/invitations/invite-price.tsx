import { useLocale } from '#components/locale.tsx';
import { seats as countSeats, formatNumber, isOrAre } from '#lib/format.ts';
import type { Cost } from '#lib/money.ts';
import { troubleOf } from '#lib/trouble.ts';
import { costSentence } from './cost-sentence.ts';
import { type Draft, weigh } from './draft.ts';

/** What inviting those in the box does to the bill, before anything is bought. */
export function InvitePrice({ draft, cost, failed }: { draft: Draft; cost: Cost | null; failed: Error | null }) {
  const locale = useLocale();
  const { emails, known, seats } = draft;
  if (emails.length === 0 || seats === undefined) {
    return (
      <span className="text-muted-foreground">
        {seats ? `${countSeats(seats.availableSeats, locale)} ${isOrAre(seats.availableSeats)} free.` : ' '}
      </span>
    );
  }
  const { people, buy } = weigh(draft);
  if (people === 0) return 'Everybody in the list is a member or invited already.';
  const left = emails.length - people;
  const leftOut =
    left === 0 ? '' : ` ${formatNumber(left, locale)} ${isOrAre(left)} left out: members or invited already.`;
  if (buy === 0) {
    return `${formatNumber(people, locale)} ${people === 1 ? 'person fits' : 'people fit'} into free seats. The bill stays the same.${leftOut}`;
  }
  if (failed) return <span className="text-stopped">{troubleOf(failed).detail}</span>;
  if (known === null) return 'Looking who of them is new…';
  if (cost === null) return `${countSeats(buy, locale)} would be bought. Asking Stripe for the price…${leftOut}`;
  return (
    <>
      <strong className="font-medium">{costSentence(buy, cost, locale)}</strong>
      {leftOut}
    </>
  );
}
