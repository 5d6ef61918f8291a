import type { SimClock } from './clock/sim-clock.ts';
import type { EventControl } from './events/event-control.ts';
import type { Ids } from './ids.ts';
import type { Settings } from './settings.ts';
import type { Store } from './state/store.ts';
import type { RequestLog } from './truth/request-log.ts';

/** The parts of one simulated Stripe account, handed to everything that works on it. */
export interface World {
  readonly settings: Settings;
  readonly store: Store;
  readonly ids: Ids;
  readonly clock: SimClock;
  readonly events: EventControl;
  readonly requests: RequestLog;
  /** Told of what should never happen; also shown in the truth. */
  readonly log: (line: string) => void;
}
