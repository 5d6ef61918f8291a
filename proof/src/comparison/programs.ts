import type { ConnectionOfProgram } from './programs/connect.ts';

/** The programs, in the order of table and picture. */
export const programNames = ['usual', 'usual, row locked', 'Stripe-first', 'better-auth', 'Seatbelt'] as const;
export type ProgramName = (typeof programNames)[number];

/** What the person who clicked was told. `unknown`: "we do not know yet, ask again". */
export type Told = 'success' | 'failure' | 'unknown';

/** One more person for an organization, each time somebody else. */
export interface Request {
  readonly organization: string;
  readonly person: string;
  /** Of the client's making, the same when it asks again. Programs without such a thing leave it unread. */
  readonly key: string;
}

/** A server process's half of a program. */
export interface Program {
  add(request: Request): Promise<Told>;
  /** Asks how an earlier request ended; null where the program has no door for that question. */
  readonly askAgain: ((request: Request) => Promise<Told>) | null;
  /** Takes a signed event of Stripe's and gives the HTTP status of the answer; null where it has no webhook route. */
  readonly webhook: ((payload: string, signature: string) => Promise<number>) | null;
  close(): Promise<void>;
}

/** What a server process is started with. */
export interface ProgramSettings extends ConnectionOfProgram {
  readonly name: ProgramName;
  readonly webhookSecret: string;
  /** The price that all subscriptions have; better-auth finds its plan by it. */
  readonly price: string;
  /** How long Seatbelt lets a caller wait before it says "not known yet". The others wait for the SDK. */
  readonly waitMs: number;
}

export async function startProgram(settings: ProgramSettings): Promise<Program> {
  switch (settings.name) {
    case 'usual':
    case 'usual, row locked':
      return (await import('./programs/usual.ts')).usual(settings);
    case 'Stripe-first':
      return (await import('./programs/stripe-first.ts')).stripeFirst(settings);
    case 'better-auth':
      return (await import('./better-auth/program.ts')).betterAuthProgram(settings);
    case 'Seatbelt':
      return (await import('./programs/seatbelt.ts')).seatbeltProgram(settings);
  }
}
