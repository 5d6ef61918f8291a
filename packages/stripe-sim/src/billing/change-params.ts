import type { ReadFields } from '../http/params.ts';
import type { updateSubscriptionFields } from '../routes/subscription-params.ts';

/** Parameters of a subscription update, whichever endpoint they came through. */
export type ChangeParams = ReadFields<typeof updateSubscriptionFields>;
