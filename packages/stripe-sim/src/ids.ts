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

/** Ids are written here first: text put together by `+` stays a chain of pieces in memory, four times its size. */
const scratch = Buffer.alloc(256);
const codes = Buffer.from(alphabet, 'latin1');

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
    let end = scratch.write(long ? `${prefix}_1` : `${prefix}_`, 'latin1');
    end = writeNumber(this.#counter, end, 5);
    end = this.#writeRandom(end, long ? 18 : 9);
    return scratch.toString('latin1', 0, end);
  }

  /** Random characters, at most 200, for secrets and fingerprints. */
  characters(length: number): string {
    return scratch.toString('latin1', 0, this.#writeRandom(0, length));
  }

  get counter(): number {
    return this.#counter;
  }

  /** Continues after a restart behind everything that was ever handed out. */
  continueFrom(counter: number): void {
    this.#counter = Math.max(this.#counter, counter);
  }

  /** Five characters from each number drawn: 62 to the fifth still fits into its 32 bits. */
  #writeRandom(start: number, length: number): number {
    let left = 0;
    let bits = 0;
    for (let place = start; place < start + length; place += 1) {
      if (left === 0) {
        bits = Math.floor(this.#random.next() * 916_132_832);
        left = 5;
      }
      scratch[place] = codes[bits % 62] ?? 0;
      bits = Math.floor(bits / 62);
      left -= 1;
    }
    return start + length;
  }
}

function writeNumber(value: number, start: number, width: number): number {
  let rest = value;
  for (let place = start + width - 1; place >= start; place -= 1) {
    scratch[place] = codes[rest % 62] ?? 0;
    rest = Math.floor(rest / 62);
  }
  return start + width;
}
