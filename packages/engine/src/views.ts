import { quotaFreeAt } from './core/quotas.ts';
import { settledAt } from './core/settling.ts';
import { available, isOverCapacity, used } from './core/step.ts';
import type { Account, SeatChange, State } from './core/types.ts';
import type {
  AccountStatus,
  ChangeBody,
  OutcomeStatus,
  PendingBody,
  SeatChangeBody,
  SeatsBody,
} from './http/contract.ts';
import type { ShownChange } from './store/rows.ts';

/** What people and programs are shown of a state. Translation only; no rule lives here. */

const iso = (ms: number): string => new Date(ms).toISOString();

export function accountStatus(state: State): AccountStatus {
  const { account } = state;
  if (account.status === 'ended') return 'ended';
  if (account.link === null) return 'no_subscription';
  if (account.status === 'held') return 'held';
  if (account.pausedReason !== null || state.installationPaused !== null) return 'paused';
  return isOverCapacity(account, state.waiting) ? 'over_capacity' : 'active';
}

export function seatsView(state: State, rollbackPending: (push: string | null) => boolean): SeatsBody {
  const { account } = state;
  const { push } = account;
  return {
    version: account.version,
    readAt: iso(state.now),
    status: accountStatus(state),
    purchasedSeats: account.seatCount,
    settledSeats: account.settledSeats,
    usedSeats: used(account),
    assignedSeats: account.assigned,
    reservedSeats: account.reserved,
    availableSeats: available(account),
    minimumSeats: account.terms.minimumSeats,
    maximumSeats: account.terms.maximumSeats,
    mode: account.terms.mode,
    pending:
      push === null && state.waiting.length === 0
        ? null
        : {
            waitingFor: waitingFor(state),
            push: push && {
              id: push.id,
              state: push.state,
              fromSeats: push.from.seats,
              targetSeats: push.target.seats,
              since: iso(push.intendedAt),
              doubt: push.doubt?.reason ?? null,
              nextAt: iso(push.nextAt),
              paymentUrl: push.payment?.url ?? null,
            },
            changes: state.waiting.map((change) => changeView(change, state, rollbackPending)),
          },
    hold: account.hold && {
      code: account.hold.code,
      message: account.hold.message,
      observedQuantity: account.hold.observedQuantity,
      cause: account.hold.cause,
      since: iso(account.hold.since),
    },
    pausedReason: account.pausedReason ?? state.installationPaused,
    incidents: state.incidents.map((incident) => ({
      id: incident.id,
      kind: incident.kind,
      action: incident.action,
      message: incident.message,
      openedAt: iso(incident.openedAt),
      closedAt: incident.closedAt === null ? null : iso(incident.closedAt),
    })),
    scheduled: scheduledView(state),
    awaitingApproval: state.parked
      .filter((change) => change.status === 'awaiting_approval')
      .map((change) => changeView(change, state, rollbackPending)),
    billing: billingView(account),
  };
}

/** Why nothing has been asked of Stripe yet, where that is so. */
function waitingFor({ account, waiting, now, installationPaused }: State): PendingBody['waitingFor'] {
  const { push, hold, link, pausedReason } = account;
  // A pause is said by itself, and what it keeps waits for nobody else.
  if (hold !== null || link === null || pausedReason !== null || installationPaused !== null) return null;
  if (push !== null) {
    // Nothing of it has run, so it was turned away: by Stripe's limits or by our own.
    if (push.state !== 'intended' || push.unproven > 0 || push.tries === 0 || push.nextAt <= now) return null;
    return { what: push.overQuota ? 'stripe_quota' : 'stripe', until: iso(push.nextAt) };
  }
  const quotaAt = quotaFreeAt(account, waiting);
  const settled = settledAt(account, waiting);
  if (Math.max(quotaAt, settled) <= now) return null;
  return quotaAt >= settled ? { what: 'stripe_quota', until: iso(quotaAt) } : { what: 'settling', until: iso(settled) };
}

function scheduledView({ parked }: State): SeatsBody['scheduled'] {
  const change = parked.findLast(({ status }) => status === 'scheduled');
  if (!change || change.waitsUntil === null) return null;
  return { seats: change.seatsAfter, at: iso(change.waitsUntil), change: change.id };
}

function billingView({ observed }: Account): SeatsBody['billing'] {
  if (observed === null) return null;
  const { item, latestInvoice } = observed;
  return {
    subscriptionStatus: observed.status,
    collectionMethod: observed.collectionMethod,
    periodEnd: item?.currentPeriodEnd == null ? null : iso(item.currentPeriodEnd),
    cancelAt: observed.cancelAt === null ? null : iso(observed.cancelAt),
    collectionPaused: observed.pausedCollection !== null,
    schedule: observed.schedule,
    openInvoiceUrl: latestInvoice?.status === 'open' ? latestInvoice.url : null,
  };
}

/** A change's status for people: an open one also says what is known of its push. */
export function outcomeStatus(
  change: ShownChange,
  state: State,
  rollbackPending: (push: string | null) => boolean,
): OutcomeStatus {
  if (change.endedAt !== null || change.status !== 'requested') return change.status;
  if (rollbackPending(change.push)) return 'rollback_pending';
  const { push } = state.account;
  return push !== null && push.id === change.push && push.state === 'in_doubt' ? 'in_doubt' : 'requested';
}

export function changeView(
  change: ShownChange,
  state: State,
  rollbackPending: (push: string | null) => boolean,
): ChangeBody {
  return {
    id: change.id,
    kind: change.kind,
    status: outcomeStatus(change, state, rollbackPending),
    quantity: change.quantity,
    seatsBefore: change.seatsBefore,
    seatsAfter: change.seatsAfter,
    actor: change.actor,
    reason: change.reason,
    code: change.code,
    message: change.message,
    payment: change.payment,
    supersededBy: change.supersededBy,
    requestedAt: iso(change.requestedAt),
    endedAt: change.endedAt === null ? null : iso(change.endedAt),
    waitsUntil: change.waitsUntil === null ? null : iso(change.waitsUntil),
    url: `/api/billing/seats/changes/${change.id}`,
  };
}

/** The answer to the caller of a change, whatever became of it. */
export function changeAnswer(
  change: SeatChange,
  state: State,
  rollbackPending: (push: string | null) => boolean,
): SeatChangeBody {
  const status = outcomeStatus(change, state, rollbackPending);
  const { account } = state;
  const paymentUrl = status === 'awaiting_payment' ? account.push?.payment?.url : null;
  return {
    status,
    success: status === 'applied' ? true : status === 'rolled_back' ? false : null,
    usedSeats: used(account),
    purchasedSeats: account.seatCount,
    availableSeats: available(account),
    billingExpanded: status === 'applied' && change.supersededBy === null && change.seatsAfter > change.seatsBefore,
    change: changeView(change, state, rollbackPending),
    ...(paymentUrl ? { paymentUrl } : {}),
    ...(change.code === null ? {} : { code: change.code }),
    ...(change.message === null ? {} : { message: change.message }),
  };
}
