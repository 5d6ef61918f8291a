import { keepCompiled } from './compile-cache.ts';
import { programOptions } from './program-options.ts';

const help = `npm start: the product, until Ctrl-C. With DATABASE_URL, STRIPE_SECRET_KEY and SEATBELT_API_KEY set it runs
against them; with none of them it brings a database, a simulated Stripe and two demo organizations.

It takes no options. Everything is set by environment variables; the README names them (PORT is where it listens).
`;

keepCompiled();
const { values } = programOptions(help, { options: { help: { type: 'boolean', default: false } } });
if (values.help) console.log(help);
else await start();

async function start(): Promise<void> {
  const { supervise } = await import('./supervisor/supervise.ts');
  const { isToldInASentence } = await import('./supervisor/told-problems.ts');
  try {
    await supervise(process.env);
  } catch (error) {
    if (!isToldInASentence(error)) throw error;
    console.error(`\n${error.message}\n`);
    process.exitCode = 1;
  }
}
