import type { DutyRow, Overview, StripeRate } from 'seatbelt/operator';
import { dutyText, rateText, silentDuties } from '../duties-text.ts';
import { type Heartbeat, heartbeatOf, isSilent } from '../heartbeat.ts';
import { duration, plural } from '../output/times.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** A worker tells within a round or two what its finder could not; after this somebody is not being told. */
const alertPatienceMs = 60_000;

/** What the tables say about how it is going. */
export function checkOperation(
  overview: Overview,
  duties: readonly DutyRow[],
  rate: StripeRate,
  here: { readonly environment: string; readonly livemode: boolean | null },
): Finding[] {
  return [
    installation(overview, here),
    worker(overview, heartbeatOf(duties)),
    ...background(duties),
    stripeRate(rate),
    alerts(overview),
    accounts(overview),
  ];
}

function installation(
  { installation: found }: Overview,
  here: { readonly environment: string; readonly livemode: boolean | null },
): Finding {
  if (found === null) {
    return ok(
      'installation',
      `Nothing was linked yet; the first to link owns this database (here: ${here.environment}).`,
    );
  }
  const money = (livemode: boolean) => (livemode ? 'live' : 'test');
  const owner = `"${found.environment}", ${money(found.livemode)} money`;
  if (found.environment !== here.environment || (here.livemode !== null && here.livemode !== found.livemode)) {
    const key = here.livemode === null ? '' : `, ${money(here.livemode)} money`;
    return fail(
      'installation',
      `This database belongs to the installation ${owner}; here is "${here.environment}"${key}. Nothing is pushed to Stripe from here.`,
      'Set SEATBELT_ENVIRONMENT and STRIPE_SECRET_KEY of that installation. In a restored copy or a preview, leave it so.',
    );
  }
  return found.pausedReason === null
    ? ok('installation', `The installation is ${owner}.`)
    : warn(
        'installation',
        `The installation ${owner} is paused: ${found.pausedReason}`,
        'When the reason is over: seatbelt resume',
      );
}

function worker({ accounts: { overdue } }: Overview, heartbeat: Heartbeat | null): Finding {
  const next = 'Start one: seatbelt worker (or have a cron call GET /api/seatbelt/tick).';
  const late = overdue === 0 ? '' : ` ${plural(overdue, 'account')} overdue.`;
  if (heartbeat === null) {
    return (overdue === 0 ? warn : fail)('worker', `No worker has ever finished a round here.${late}`, next);
  }
  const last = `The last round of a worker was ${duration(heartbeat.ageMs)} ago.`;
  if (isSilent(heartbeat)) return (overdue === 0 ? warn : fail)('worker', `${last}${late}`, next);
  return overdue === 0
    ? ok('worker', last)
    : fail('worker', `${last} And yet:${late}`, 'Read the worker’s log; `seatbelt status --open` lists them.');
}

/** What a worker does besides what is due. Nothing is said of it where no worker is: that has its own line. */
function background(duties: readonly DutyRow[]): Finding[] {
  return silentDuties(duties).map((duty) =>
    fail(
      'duties',
      `Silent: ${dutyText(duty)}.`,
      'Read the worker’s log: is Stripe let through, and may the key read it?',
    ),
  );
}

function stripeRate(rate: StripeRate): Finding {
  if (rate.slowed === 1) return ok('rate', `Stripe is asked as it allows: ${rateText(rate)}.`);
  return warn(
    'rate',
    `${rateText(rate)}.`,
    'Others use the same Stripe account: set stripeRequestsPerSecond to the part that is Seatbelt’s.',
  );
}

function alerts({ incidents, now }: Overview): Finding {
  if (incidents.unalerted === 0) return ok('alerts', 'Every incident was told.');
  const age = now - (incidents.oldestUnalertedAt ?? now);
  const message = `${plural(incidents.unalerted, 'incident')} not told yet, the oldest ${duration(age)} old.`;
  return age > alertPatienceMs
    ? fail('alerts', message, 'A worker tells them: is one running, and does Sentry accept its events?')
    : ok('alerts', `${message} A worker tells them within moments.`);
}

function accounts({ accounts: { held }, incidents }: Overview): Finding {
  if (held === 0 && incidents.act === 0)
    return ok('accounts', 'No account is held, and no incident asks for a person.');
  return warn(
    'accounts',
    `${plural(held, 'account')} held; ${plural(incidents.act, 'open incident')} for a person to act on.`,
    'seatbelt status --open, then seatbelt explain <organization>',
  );
}
