import type Stripe from 'stripe';
import type { Logger } from '../alerts/alerts.ts';
import type { ReceivedEventReport } from '../seatbelt/options.ts';
import type {
  AddOptions,
  CommandOptions,
  DecidingOptions,
  HolderOptions,
  SetOptions,
  TransferOptions,
} from '../seatbelt.ts';
import type { Authorize } from './authorization.ts';
import type { ChangeBody, ChangeDetailBody, HealthBody, PreviewBody, SeatChangeBody, SeatsBody } from './contract.ts';

/** What the routes need of a `Seatbelt`, so that they can be tested without one. */
export interface ServedSeatbelt {
  seats(organization: string): Promise<SeatsBody>;
  changes(
    organization: string,
    page: { readonly before?: number | null; readonly limit?: number },
  ): Promise<{ changes: ChangeBody[]; before: number | null }>;
  change(organization: string, id: string): Promise<ChangeDetailBody | null>;
  set(organization: string, seats: number, options: SetOptions): Promise<SeatChangeBody>;
  add(organization: string, quantity: number, options: AddOptions): Promise<SeatChangeBody>;
  assign(organization: string, quantity: number, options: HolderOptions): Promise<SeatChangeBody>;
  release(organization: string, quantity: number, options: HolderOptions): Promise<SeatChangeBody>;
  transfer(organization: string, quantity: number, options: TransferOptions): Promise<SeatChangeBody>;
  cancel(organization: string, change: string, options: DecidingOptions): Promise<SeatChangeBody>;
  approve(organization: string, change: string, options: DecidingOptions): Promise<SeatChangeBody>;
  decline(organization: string, change: string, options: DecidingOptions): Promise<SeatChangeBody>;
  preview(organization: string, seats: number): Promise<PreviewBody>;
  receive(event: Stripe.Event): Promise<Pick<ReceivedEventReport, 'seenBefore' | 'ignored'>>;
  tick(options: { readonly budgetMs: number }): Promise<object>;
  health(): Promise<HealthBody>;
  metricsText(): Promise<string>;
}

/** What every door is made with. */
export interface DoorContext {
  readonly seatbelt: ServedSeatbelt;
  readonly authorize: Authorize;
  readonly logger: Logger;
}

/** What is said with every change besides its body: who asks, under which key, and how long they wait. */
export type Said = Pick<CommandOptions, 'actor' | 'idempotencyKey' | 'waitMs'>;

/** A route handler in fetch style. */
export type Handler = (request: Request) => Promise<Response>;
