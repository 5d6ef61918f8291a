import { authDoor } from '#features/accounts/server/auth-door.ts';
import { elsewhere } from '#server/handlers.ts';

/** Sign-up, sign-in, magic links and sign-out. Which of Better Auth's doors are open is said in `auth-door.ts`. */
export const GET = authDoor;
export const POST = authDoor;
export const { PUT, PATCH, DELETE, OPTIONS } = elsewhere;
