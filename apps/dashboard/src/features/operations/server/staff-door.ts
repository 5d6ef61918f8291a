import type { PersonCaller } from '#server/caller.ts';
import { personDoor } from '#server/door.ts';
import { mayUseOperations } from '#server/operators.ts';
import { Refused } from '#server/problem.ts';

/** A door for the host's staff. For everybody else there is nothing behind it. */
export function staffDoor<Params = Record<string, never>>(
  work: (person: PersonCaller, request: Request, params: Params) => Promise<object>,
): ReturnType<typeof personDoor<Params>> {
  return personDoor<Params>((person, request, params) => {
    if (!mayUseOperations(person)) {
      throw new Refused({
        status: 404,
        code: 'not_found',
        title: 'Not found',
        detail: 'There is nothing here for you. Nothing was changed.',
      });
    }
    return work(person, request, params);
  });
}

/** Who did it, as the trail names it. */
export function staffActor(person: PersonCaller): string {
  return `staff:${person.id}`;
}
