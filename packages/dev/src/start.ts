import { SetupError } from 'seatbelt/environment';
import { PostgresProblem } from './embedded-postgres/index.ts';
import { BuildFailed } from './supervisor/dashboard-build.ts';
import { StartProblem } from './supervisor/start-problem.ts';
import { supervise } from './supervisor/supervise.ts';

/**
 * `npm start`. With DATABASE_URL, STRIPE_SECRET_KEY and SEATBELT_API_KEY set it runs the product against them; with none
 * of them it brings a database, a simulated Stripe and two demo organizations.
 */
try {
  await supervise(process.env);
} catch (error) {
  // What the world can do wrong is said in a sentence. Anything else is a bug of ours and shows its stack.
  const said = [SetupError, StartProblem, PostgresProblem, BuildFailed].some((kind) => error instanceof kind);
  if (!said || !(error instanceof Error)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = 1;
}
