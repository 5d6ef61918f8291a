import { toast } from 'sim/dom';

/** One call of the simulator's own control API. Rejects with the simulator's sentence when it refuses. */
export async function control(method, path, body) {
  const response = await fetch(`/_sim/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error?.message ?? `The simulator answered ${response.status}.`);
  return answer;
}

/** Everything the page shows. */
export async function readAll() {
  const [truth, faults, clock] = await Promise.all([
    control('GET', 'truth'),
    control('GET', 'faults'),
    control('GET', 'clock'),
  ]);
  return { ...truth, faults: faults.faults, now: clock.now };
}

/** Does something a person asked for, says how it went, and asks the page to look again. */
export async function act(sentence, work) {
  try {
    await work();
    toast(sentence);
  } catch (failure) {
    toast(`Not done: ${failure.message}`);
  }
  document.dispatchEvent(new CustomEvent('sim-changed'));
}
