import type { ProblemBody, SeatChangeBody } from 'seatbelt/http';
import { Problem, sendOnce, Unreachable } from './api.ts';
import type { Intention } from './intention.ts';

/** How sending an intention ended. */
export type Ending =
  /** The server knows the change: applied, rolled back, or still open. */
  | { readonly is: 'answered'; readonly body: SeatChangeBody }
  /** It was turned down before anything was written. */
  | { readonly is: 'refused'; readonly problem: ProblemBody }
  /** It surely did not happen, because the database could not be reached; the same intention may be sent again. */
  | { readonly is: 'not_written'; readonly problem: ProblemBody }
  /** No answer came back, however often it was asked. It may have happened. The same intention tells, once it gets through. */
  | { readonly is: 'unknown' };

/** Waits between tries of one intention while nobody knows whether it arrived; then the person decides. */
const retryDelaysMs = [1_000, 2_000, 4_000, 8_000];

/** Intentions of which a try was lost. What is asked again later, by hand too, does not speak for that one. */
const everLost = new WeakSet<Intention>();

/**
 * Sends an intention until its outcome is heard or the tries are used up. Every try carries the same key,
 * so a try that follows a lost answer finds the change instead of making a second one.
 * @param onLost called before each further try.
 */
export async function send(
  organization: string,
  intention: Intention,
  onLost: (tries: number) => void,
): Promise<Ending> {
  for (let tries = 1; ; tries += 1) {
    const ending = afterLoss(await sendAndSort(organization, intention), everLost.has(intention));
    if (ending.is === 'unknown') everLost.add(intention);
    const delay = retryDelaysMs[tries - 1];
    if (ending.is !== 'unknown' || delay === undefined) return ending;
    onLost(tries);
    await new Promise((resolve) => setTimeout(resolve, delay));
  }
}

/**
 * "Nothing was written" is said of one try only; after a lost try it does not speak for that one. A refusal does where the
 * engine made it, which looks for the key first. It makes them with these two; every other one was made at the door.
 */
function afterLoss(ending: Ending, lost: boolean): Ending {
  const speaksForAll =
    ending.is === 'answered' || (ending.is === 'refused' && [409, 422].includes(ending.problem.status));
  return lost && !speaksForAll ? { is: 'unknown' } : ending;
}

async function sendAndSort(organization: string, intention: Intention): Promise<Ending> {
  try {
    return { is: 'answered', body: await sendOnce(organization, intention) };
  } catch (error) {
    if (error instanceof Unreachable) return { is: 'unknown' };
    if (error instanceof Problem) return sortProblem(error.body);
    throw error;
  }
}

function sortProblem(problem: ProblemBody): Ending {
  if (problem.code === 'outcome_unknown') return { is: 'unknown' };
  if (problem.status === 503) return { is: 'not_written', problem };
  // Any other answer of the 500s promises nothing about what was done before it.
  if (problem.status >= 500) return { is: 'unknown' };
  return { is: 'refused', problem };
}
