import { simulatorUrl } from '../environment.ts';

/** The simulator is on this machine; one that does not answer by then is not there. */
const patienceMs = 5_000;

/** Says something to the control API of the demo's simulated Stripe. */
export async function simulator<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const base = simulatorUrl();
  if (base === null) throw new Error('Bug: the simulator was asked where there is none.');
  const response = await fetch(`${base}/_sim/${path}`, {
    method,
    cache: 'no-store',
    signal: AbortSignal.timeout(patienceMs),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`The simulator answered ${response.status} to ${method} ${path}.`);
  return (await response.json()) as Answer;
}
