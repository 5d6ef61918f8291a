import { keepCompiled } from './compile-cache.ts';

/**
 * `npm start`. With DATABASE_URL, STRIPE_SECRET_KEY and SEATBELT_API_KEY set it runs the product against them; with none
 * of them it brings a database, a simulated Stripe and two demo organizations.
 */
keepCompiled();
const { supervise } = await import('./supervisor/supervise.ts');
const { isToldInASentence } = await import('./supervisor/told-problems.ts');
try {
  await supervise(process.env);
} catch (error) {
  if (!isToldInASentence(error)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = 1;
}
