import { beginSweep, sweepBody } from '#features/operations/server/act.ts';
import { staffDoor } from '#features/operations/server/staff-door.ts';
import { readBody } from '#server/door.ts';

/** Begins a sweep: `{ "dryRun": true, "reason": "…" }`. How far it is, is in what GET /api/operations answers. */
export const POST = staffDoor(async (person, request) => {
  const { dryRun, reason } = await readBody(request, sweepBody);
  await beginSweep(person, dryRun, reason);
  return { begun: true };
});
