import type { Story } from '../story.ts';
import { answerLost } from './answer-lost.ts';
import { databaseGone } from './database-gone.ts';
import { declined } from './declined.ts';
import { foreignHand } from './foreign-hand.ts';
import { happyPath } from './happy-path.ts';
import { pausedProcess } from './paused-process.ts';
import { serverKilled } from './server-killed.ts';
import { stripeDown } from './stripe-down.ts';
import { twoServers } from './two-servers.ts';

/** In the order in which they are told. */
export const stories: readonly Story[] = [
  happyPath,
  declined,
  stripeDown,
  answerLost,
  twoServers,
  serverKilled,
  databaseGone,
  foreignHand,
  pausedProcess,
];
