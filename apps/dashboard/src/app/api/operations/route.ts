import { readOperations } from '#features/operations/server/read-operations.ts';
import { staffDoor } from '#features/operations/server/staff-door.ts';

/** The whole installation at a glance, for the host's staff. */
export const GET = staffDoor(() => readOperations());
