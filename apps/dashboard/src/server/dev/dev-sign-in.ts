import type { BetterAuthPlugin } from 'better-auth';
import { createAuthEndpoint } from 'better-auth/api';
import { setSessionCookie } from 'better-auth/cookies';
import { z } from 'zod';
import { demoPeople } from './demo-people.ts';
import { prepareDemoPeople } from './prepare-demo.ts';

/**
 * One click in the demo: a session as one of the demo's people. It exists in devMode only and gives nobody a password,
 * so that nothing of it is left when the same database is used for real.
 */
export function devSignIn() {
  return {
    id: 'dev-sign-in',
    endpoints: {
      devSignIn: createAuthEndpoint(
        '/dev/sign-in',
        { method: 'POST', body: z.object({ as: z.enum(['owner', 'admin', 'member', 'operator', 'stranger']) }) },
        async (ctx) => {
          await prepareDemoPeople();
          const { internalAdapter } = ctx.context;
          const found = await internalAdapter.findUserByEmail(demoPeople[ctx.body.as].email);
          if (found === null) throw new Error(`Bug: the demo has nobody called ${ctx.body.as}.`);
          const { user } = found;
          const session = await internalAdapter.createSession(user.id);
          await setSessionCookie(ctx, { session, user });
          return ctx.json({ user: { id: user.id, name: user.name } });
        },
      ),
    },
  } satisfies BetterAuthPlugin;
}
