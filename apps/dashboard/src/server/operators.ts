import { demoPeople } from './dev/demo-people.ts';
import { isDevMode } from './environment.ts';

/**
 * Whether somebody is of the host's staff: their address is in SEATBELT_OPERATORS (separated by commas) and they have
 * proven that it is theirs, by a link sent to it. In the demo it is the person of that name.
 */
export function isOperator(user: {
  readonly id: string;
  readonly email: string;
  readonly emailVerified: boolean;
}): boolean {
  if (isDevMode() && user.id === demoPeople.operator.id) return true;
  if (!user.emailVerified) return false;
  const operators = (process.env.SEATBELT_OPERATORS ?? '').split(',').map((email) => email.trim().toLowerCase());
  return operators.includes(user.email.toLowerCase());
}
