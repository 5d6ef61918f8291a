import { parseArgs } from 'node:util';
import { stories } from './stories/index.ts';

export type Options = {
  /** The numbers of the stories to tell, in order. */
  only: number[];
  json: boolean;
  /** The story at whose end Stripe's quantity is changed behind everybody's back; null: none. */
  plant: number | null;
  help: boolean;
};

/** The words after `npm run demo:faults --` make no sense; the message says which. */
export class OptionsError extends Error {
  override readonly name = 'OptionsError';
}

/** @throws OptionsError */
export function readOptions(words: string[]): Options {
  const { values } = parse(words);
  return {
    only: values.only === undefined ? stories.map(({ number }) => number) : values.only.flatMap(numbers),
    json: values.json === true,
    plant: values.plant === undefined ? null : oneNumber(values.plant),
    help: values.help === true,
  };
}

function parse(words: string[]) {
  try {
    return parseArgs({
      args: words,
      options: {
        only: { type: 'string', multiple: true },
        json: { type: 'boolean' },
        plant: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new OptionsError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function numbers(text: string): number[] {
  return text.split(',').map(oneNumber);
}

function oneNumber(text: string): number {
  const found = stories.find(({ number }) => String(number) === text.trim());
  if (found === undefined) throw new OptionsError(`There is no story "${text}"; they go from 1 to ${stories.length}.`);
  return found.number;
}

export function help(): string {
  return [
    'npm run demo:faults [-- options]',
    '',
    'Breaks things one after another under the running product, and shows what the',
    'caller got, what Stripe and the database say, the alert, and how it healed.',
    'It starts a product of its own (PostgreSQL, a simulated Stripe, the dashboard',
    'and the worker, on free ports) and takes it down again.',
    '',
    '  --only <n,...>  only these stories',
    '  --json          one JSON document at the end instead of text',
    '  --plant <n>     at the end of story n, change the quantity in Stripe behind',
    "                  everybody's back: to see that the demo then fails",
    '',
    ...stories.map(({ number, title }) => `  ${number}  ${title}`),
    '',
    'Exit code: 0 all numbers agree, 1 something disagreed or did not happen,',
    '2 it could not be run, 130 interrupted.',
  ].join('\n');
}
