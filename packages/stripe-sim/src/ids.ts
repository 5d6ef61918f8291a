import type { Random } from './random.ts';

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Lengths of the random part, as seen in recorded ids. Newer objects have 24 characters and begin with 1. */
const longPrefixes = new Set([
  'sub',
  'in',
  'il',
  'pi',
  'ch',
  'py',
  'pm',
  'price',
  'evt',
  'ii',
  'seti',
  'cbtxn',
  'sub_sched',
  'inpay',
  'clock',
  'we',
  'txn',
]);

/**
 * Makes ids that look like Stripe's. Each id carries a counter as well as random characters: a million objects from a
 * 32-bit generator would otherwise collide.
 */
export class Ids {
  readonly #random: Random;
  #counter: number;

  constructor(random: Random, counter = 0) {
    this.#random = random;
    this.#counter = counter;
  }

  /** A new id, for example `next('sub')` gives `sub_1SOMr4KXBGcbgpbZnKDfiVUj`. */
  next(prefix: string): string {
    this.#counter += 1;
    const long = longPrefixes.has(prefix);
    const counterPart = base62(this.#counter, 5);
    const randomPart = this.#characters(long ? 18 : 9);
    return long ? `${prefix}_1${counterPart}${randomPart}` : `${prefix}_${counterPart}${randomPart}`;
  }

  /** Random characters, for secrets and fingerprints. */
  characters(length: number): string {
    return this.#characters(length);
  }

  get counter(): number {
    return this.#counter;
  }

  /** Continues after a restart behind everything that was ever handed out. */
  continueFrom(counter: number): void {
    this.#counter = Math.max(this.#counter, counter);
  }

  #characters(length: number): string {
    let text = '';
    let left = 0;
    let bits = 0;
    for (let index = 0; index < length; index += 1) {
      if (left === 0) {
        bits = Math.floor(this.#random.next() * 916132832);
        left = 5;
      }
      text += alphabet[bits % 62];
      bits = Math.floor(bits / 62);
      left -= 1;
    }
    return text;
  }
}

function base62(value: number, width: number): string {
  let rest = value;
  let text = '';
  for (let index = 0; index < width; index += 1) {
    text = `${alphabet[rest % 62]}${text}`;
    rest = Math.floor(rest / 62);
  }
  return text;
}
