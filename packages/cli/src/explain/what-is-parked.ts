import { policy, type SeatChange, type State } from 'seatbelt/operator';
import { momentAndDistance, plural } from '../output/times.ts';

/** Changes that wait for a date or for an owner: outside every count until then. One sentence each, with until when. */
export function parkedSentences({ account, parked, now }: State): string[] {
  return parked.map((change) => {
    const asked = `asked for by ${change.actor} at ${momentAndDistance(change.requestedAt, now)}`;
    const until = untilText(change, now);
    return change.status === 'scheduled'
      ? `A decrease to ${plural(change.seatsAfter, 'seat')}, ${asked}, is scheduled for the end of the paid period, ${until}; until then all ${account.seatCount} stay.`
      : `A purchase (${purchaseText(change)}), ${asked}, is above the guard and waits for an owner's approval; it holds nothing, and lapses ${until}.`;
  });
}

/** What becomes of each by itself. */
export function nextOfParked({ account, parked, now, installationPaused }: State): string[] {
  const stopped = account.hold !== null || account.pausedReason !== null || installationPaused !== null;
  return parked.map((change) => {
    const { waitsUntil } = change;
    if (change.status !== 'scheduled') {
      return `Approved, the purchase of ${purchaseText(change)} is accepted by the rules and counts of that moment. Unanswered, it is rolled back ${untilText(change, now)}, and nothing was bought.`;
    }
    if (stopped) {
      return `The decrease to ${plural(change.seatsAfter, 'seat')} is not made while that lasts; what is over its date by then is made at once.`;
    }
    const told = waitsUntil === null ? now : waitsUntil - policy.scheduleLeadMs;
    const when = told <= now ? 'In the next round' : `About an hour before, at ${momentAndDistance(told, now)},`;
    return `${when} Stripe is read, and told the ${plural(change.seatsAfter, 'seat')} if that many are still enough for those in use.`;
  });
}

/** What a person may say about each. */
export function deedsAboutParked({ account, parked }: State): string[] {
  const { organization } = account;
  return parked.flatMap(({ id, status }) =>
    status === 'scheduled'
      ? [`Take the scheduled decrease back: seatbelt cancel ${organization} ${id} --reason "…"`]
      : [
          `Approve it in the name of an owner: seatbelt approve ${organization} ${id} --reason "…"`,
          `Or say no: seatbelt approve ${organization} ${id} --decline --reason "…"`,
        ],
  );
}

function purchaseText(change: SeatChange): string {
  const seats = change.seatsAfter - change.seatsBefore;
  return `${plural(seats, 'seat')} more, ${change.seatsAfter} in all as things stood then`;
}

function untilText({ waitsUntil }: SeatChange, now: number): string {
  return waitsUntil === null ? 'at a time that is not stored' : `at ${momentAndDistance(waitsUntil, now)}`;
}
