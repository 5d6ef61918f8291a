import { createSeatsClient, type Ending, type SeatsClient } from '@seatbelt/widget/client';
import type { Intention } from './intention.ts';

export type { Ending };

/** One for each organization: it remembers which intentions had a try whose answer was lost. */
const clients = new Map<string, SeatsClient>();

/**
 * Sends an intention until its outcome is heard or the tries are used up. Every try carries the same key,
 * so a try that follows a lost answer finds the change instead of making a second one.
 * @param onLost called before each further try.
 */
export function send(organization: string, intention: Intention, onLost: (tries: number) => void): Promise<Ending> {
  const client = clients.get(organization) ?? createSeatsClient({ headers: { 'Seatbelt-Organization': organization } });
  clients.set(organization, client);
  return client.send(intention, { onLost });
}
