import type { Cause, SweepFinding, SweepRow } from 'seatbelt';
import type { ChangeBody, HealthBody, SeatsBody } from 'seatbelt/http';
import type { StripeSideBody } from '#lib/stripe-side.ts';

/** What one seat costs, where Stripe says it in one number: in the currency's smallest unit, for each interval. */
export interface UnitPrice {
  readonly amount: number;
  readonly currency: string;
  readonly interval: string;
}

/** What staff can do about one organization. Each asks for a reason and is in the organization's audit trail. */
export type StaffAction = 'adopt' | 'revert' | 'hold' | 'resume';

/** An organization that is billed, or may be billed, another quantity than was agreed on. */
export interface WrongAccount {
  readonly organization: string;
  /** `differs`: Stripe was seen to bill another quantity. `in_doubt`: nobody knows yet whether a write arrived. */
  readonly kind: 'differs' | 'in_doubt';
  /** The quantity that was agreed on. */
  readonly expected: number;
  /** The quantity that Stripe bills, or may bill; null: there is no item to be seen. */
  readonly observed: number | null;
  readonly cause: Cause | null;
  readonly since: string;
  /** What one unit of it costs; null: unknown, or not one number (tiers, for instance). */
  readonly unit: UnitPrice | null;
  readonly paused: boolean;
  readonly healsByItself: boolean;
  /** When the next step comes by itself; null: none does. */
  readonly nextAt: string | null;
  /** The sides of the buttons that make sense now, the safest first. */
  readonly actions: readonly StaffAction[];
}

/** The numbers that a person saw when they decided. */
export type NumbersShown = Pick<WrongAccount, 'observed' | 'expected'>;

/** A sum of money that may be charged wrongly. */
export interface MoneyAtRisk {
  readonly amount: number;
  readonly currency: string;
  readonly interval: string;
}

/** Something that staff did, or tried to. */
export interface StaffAct {
  readonly id: string;
  readonly at: string;
  readonly actor: string;
  readonly act: string;
  /** null: it was about the whole installation. */
  readonly organization: string | null;
  readonly reason: string;
  readonly failed: string | null;
}

export interface OperationsBody {
  readonly readAt: string;
  readonly wrong: {
    readonly accounts: readonly WrongAccount[];
    /** Known prices only; how many accounts are not in it is `unpriced`. */
    readonly money: readonly MoneyAtRisk[];
    readonly unpriced: number;
    /** Against a quarter of an hour ago: how many were wrong then, how many came since, and how many were put right. */
    readonly trend: {
      readonly since: string;
      readonly before: number;
      readonly began: number;
      readonly ended: number;
    };
  };
  readonly counts: {
    readonly organizations: number;
    readonly held: number;
    readonly paused: number;
    readonly overdue: number;
    readonly inDoubt: number;
    readonly inDoubtSince: string | null;
    readonly awaitingPayment: number;
    readonly waitingChanges: number;
  };
  readonly installationPaused: string | null;
  readonly incidents: readonly {
    readonly id: string;
    readonly organization: string;
    readonly kind: string;
    readonly action: 'none' | 'watch' | 'act';
    readonly message: string;
    readonly openedAt: string;
  }[];
  readonly causes: readonly { readonly cause: Cause | null; readonly accounts: number }[];
  /** There are more accounts with something open than this page reads. */
  readonly cutShort: boolean;
  readonly sweep: SweepRow | null;
  readonly findings: readonly SweepFinding[];
  /** The newest first. */
  readonly acts: readonly StaffAct[];
  readonly health: HealthBody;
  /** `ageMs`: since its last success; null: it never succeeded. */
  readonly duties: readonly { readonly name: string; readonly ageMs: number | null }[];
  readonly pulse: {
    readonly changesLastHour: number;
    readonly rolledBackLastHour: number;
    readonly pushesLastDay: number;
    readonly medianMs: number | null;
    readonly slowest5PercentMs: number | null;
    readonly recovered: number;
    readonly slowestRecoveryMs: number | null;
    readonly quota: { readonly organization: string; readonly pushes: number; readonly allowed: number } | null;
  };
}

/** One organization as staff see it. */
export interface OrganizationBody {
  readonly organization: string;
  readonly seats: SeatsBody;
  readonly stripe: StripeSideBody;
  readonly wrong: WrongAccount | null;
  readonly paused: boolean;
  readonly changes: readonly ChangeBody[];
}
