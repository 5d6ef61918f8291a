import { address, longestAddress } from './address.ts';

/** What a person pasted or a CSV held, sorted into addresses and what is none. */
export interface ReadAddresses {
  /** Each once, in lower case, in the order of the text. */
  readonly emails: readonly string[];
  /** What looks like a person's entry and is no address; shown, never dropped silently. */
  readonly strange: readonly string[];
}

/**
 * Reads addresses out of a list or a CSV: separated by commas, semicolons, tabs or lines, with or without names
 * (`Ada <ada@example.com>`), quotes, and a heading. In a line of a CSV only the cells with an `@` are addresses; the others
 * are names and departments. A line without any address is strange, unless it is the first and looks like a heading.
 */
export function readAddresses(text: string): ReadAddresses {
  const emails = new Set<string>();
  const strange: string[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    const cells = line
      .split(/[,;\t]/)
      .map(bare)
      .filter((cell) => cell !== '');
    const withAt = cells.filter((cell) => cell.includes('@'));
    if (withAt.length === 0 && cells.length > 0 && !(index === 0 && isHeading(cells))) strange.push(line.trim());
    for (const cell of withAt) {
      if (cell.length <= longestAddress && address.test(cell)) emails.add(cell);
      else strange.push(cell);
    }
  }
  return { emails: [...emails], strange };
}

/** What is in the box, with more behind it. */
export function withMore(text: string, added: string): string {
  return text.trim() === '' ? added : `${text.trimEnd()}\n${added}`;
}

/** What is in the box, with those addresses that are not in it yet. */
export function withAddresses(text: string, emails: readonly string[]): string {
  const there = new Set(readAddresses(text).emails);
  const missing = emails.filter((email) => !there.has(email));
  return missing.length === 0 ? text : withMore(text, missing.join('\n'));
}

function bare(cell: string): string {
  const unquoted = cell.trim().replaceAll(/^"|"$/g, '').trim();
  return (/<([^<>]+)>$/.exec(unquoted)?.[1] ?? unquoted).trim().toLowerCase();
}

function isHeading(cells: readonly string[]): boolean {
  return cells.some((cell) => /^(e-?mail|mail|address|e-mail address|email address)$/.test(cell));
}
