import type { Program, ProgramSettings } from '../programs.ts';
import { createAuth } from './auth.ts';

/** `addMember` is better-auth's own server call for "this person joins"; its hook then tells Stripe the new number. */
export function betterAuthProgram(settings: ProgramSettings): Program {
  const { auth, pool } = createAuth(settings);
  return {
    async add({ organization, person }) {
      try {
        await auth.api.addMember({ body: { organizationId: organization, userId: person, role: 'member' } });
        return 'success';
      } catch (error) {
        return error instanceof Error ? 'failure' : Promise.reject(error);
      }
    },
    // Its list of members says who is in, and asking once more says "already a member". Neither says whether the seat
    // was billed, so the outcome of a request that nobody heard of cannot be asked for.
    askAgain: null,
    async webhook(payload, signature) {
      const event = new Request('http://127.0.0.1/api/auth/stripe/webhook', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'stripe-signature': signature },
        body: payload,
      });
      try {
        return (await auth.handler(event)).status;
      } catch (error) {
        // Before its first request it looks at its tables, and throws when the connection is cut meanwhile. Any framework
        // makes that a 500, and Stripe sends the event again.
        return error instanceof Error ? 500 : Promise.reject(error);
      }
    },
    close: () => pool.end(),
  };
}
