/**
 * What stands in a fixture for a value that differs from run to run:
 *
 * - `{cus_1}` an id. The same placeholder must stand for the same live id everywhere in a scenario, so that a line
 *   that points at the wrong invoice is found although no id is compared by itself. It may be part of a longer text.
 * - `{time}` a unix second. `{now+2592000}`, in a request only: a second counted from the moment of sending.
 * - `{day}` a day in a line's text. `{text}` a text and `{number}` a number that belong to one account or card.
 * - `{unknown}` a text or null: the source does not tell which.
 */
const PLACEHOLDER = /\{(?:[a-z]+_[a-z0-9-]+|time|day|text|number|request)\}/g;

export const UNKNOWN = '{unknown}';
const TIME = '{time}';
const NUMBER = '{number}';
const DAY_PATTERN = '\\d{2} [A-Z][a-z]{2} \\d{4}';
const ID_PATTERN = '[A-Za-z0-9_-]+';

/** Which live id each placeholder stands for so far. */
export class Bindings {
  readonly #liveIds = new Map<string, string>();

  bind(placeholder: string, liveId: string): void {
    this.#liveIds.set(placeholder, liveId);
  }

  get(placeholder: string): string | undefined {
    return this.#liveIds.get(placeholder);
  }

  /** The first placeholder in these texts that no answer has given a live id for. */
  unknownIn(texts: string[]): string | undefined {
    return texts.flatMap((text) => text.match(PLACEHOLDER) ?? []).find((name) => !this.#liveIds.has(name));
  }

  /** Puts live ids and moments into a recorded request text. Throws when an id was never seen in an answer. */
  fill(recorded: string, now: number): string {
    const withTimes = recorded.replace(/\{now\+(\d+)\}/g, (_, seconds: string) => String(now + Number(seconds)));
    return withTimes.replace(PLACEHOLDER, (placeholder) => {
      const live = this.#liveIds.get(placeholder);
      if (live === undefined) throw new Error(`No answer so far said what ${placeholder} stands for.`);
      return live;
    });
  }

  /**
   * Whether a live value is what a recorded text stands for. Ids that are seen for the first time are remembered,
   * but only when the whole text fits.
   */
  matches(recorded: string, live: string | number): boolean {
    if (recorded === TIME) return typeof live === 'number' && Number.isSafeInteger(live) && live > 1_000_000_000;
    if (recorded === NUMBER) return typeof live === 'number';
    if (typeof live !== 'string') return false;
    const seen: string[] = [];
    let pattern = '';
    let rest = 0;
    for (const match of recorded.matchAll(PLACEHOLDER)) {
      pattern += escapeRegExp(recorded.slice(rest, match.index)) + this.#patternOf(match[0], seen);
      rest = match.index + match[0].length;
    }
    pattern += escapeRegExp(recorded.slice(rest));
    const found = new RegExp(`^${pattern}$`, 'u').exec(live);
    if (found === null) return false;
    for (const [index, placeholder] of seen.entries()) {
      const liveId = found[index + 1];
      if (liveId !== undefined) this.bind(placeholder, liveId);
    }
    return true;
  }

  #patternOf(placeholder: string, seen: string[]): string {
    if (placeholder === '{day}') return DAY_PATTERN;
    if (placeholder === '{text}') return '.*';
    const bound = this.#liveIds.get(placeholder);
    if (bound !== undefined) return escapeRegExp(bound);
    const again = seen.indexOf(placeholder);
    if (again >= 0) return `\\${again + 1}`;
    seen.push(placeholder);
    return `(${ID_PATTERN})`;
  }
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
