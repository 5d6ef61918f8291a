import { verifyChain } from '#features/history/server/verify-chain.ts';
import { door } from '#server/door.ts';

export const GET = door('seats:read', ({ organization }) => verifyChain(organization));
