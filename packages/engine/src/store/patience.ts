import { databaseLimits } from '../db/executor.ts';

/**
 * A condition that is always true, for the `where` of a statement of our own that writes an account's row: the server gives
 * up waiting for that row (SQLSTATE 55P03, nothing is written) before we give up waiting for the server. A statement that
 * only we have given up on keeps its backend and may be carried out much later.
 *
 * It is for this one transaction, so it works behind a transaction-mode pooler; the time is read when a wait begins, and a
 * row is waited for only after its conditions hold. Never in a transaction of the host, whose patience is the host's.
 * https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-LOCK-TIMEOUT
 */
export const withPatience = `set_config('lock_timeout', '${databaseLimits.rowWaitMs}', true) is not null`;
