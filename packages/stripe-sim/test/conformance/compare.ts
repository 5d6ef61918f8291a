import type { Json } from './fixture.ts';
import { type Bindings, UNKNOWN } from './placeholders.ts';

/**
 * One way in which a live answer differs from the recorded one. `at` counts from the nearest object of Stripe's own,
 * as in `invoice.status_transitions.paid_at` or `line_item.amount`, so that one cause gives one address wherever the
 * object is embedded; `path` is the full way to it in this body.
 */
export interface Difference {
  kind: 'missing' | 'unexpected' | 'type' | 'value';
  at: string;
  path: string;
  recorded: string;
  live: string;
}

/** Compares every key, type and value of two bodies; ids and times by what the placeholders say of them. */
export function compareBodies(recorded: Json, live: Json, bindings: Bindings): Difference[] {
  const differences: Difference[] = [];
  compare(recorded, live, { at: 'body', path: 'body' });
  return differences;

  function compare(expected: Json, actual: Json, where: { at: string; path: string }): void {
    if (expected === UNKNOWN && (actual === null || typeof actual === 'string')) return;
    if (typeof expected === 'string' && (typeof actual === 'string' || typeof actual === 'number')) {
      if (!bindings.matches(expected, actual)) report('value', where, expected, actual);
      return;
    }
    if (typeOf(expected) !== typeOf(actual)) report('type', where, expected, actual);
    else if (Array.isArray(expected) && Array.isArray(actual)) compareLists(expected, actual, where);
    else if (isObject(expected) && isObject(actual)) compareObjects(expected, actual, where);
    else if (expected !== actual) report('value', where, expected, actual);
  }

  function compareLists(expected: Json[], actual: Json[], where: { at: string; path: string }): void {
    if (expected.length !== actual.length) {
      report('value', step(where, 'length'), expected.length, actual.length);
    }
    for (const [index, item] of expected.entries()) {
      const counterpart = actual[index];
      if (counterpart === undefined) break;
      compare(item, counterpart, { at: `${where.at}[]`, path: `${where.path}[${index}]` });
    }
  }

  function compareObjects(
    expected: { [key: string]: Json },
    actual: { [key: string]: Json },
    outer: { at: string; path: string },
  ): void {
    const name = expected.object;
    const where = typeof name === 'string' && name !== 'list' ? { at: name, path: outer.path } : outer;
    for (const [key, value] of Object.entries(expected)) {
      const inside = step(where, key);
      const counterpart = actual[key];
      if (counterpart === undefined) report('missing', inside, value, undefined);
      else compare(value, counterpart, inside);
    }
    for (const [key, value] of Object.entries(actual)) {
      if (!(key in expected)) report('unexpected', step(where, key), undefined, value);
    }
  }

  function report(
    kind: Difference['kind'],
    where: { at: string; path: string },
    expected: Json | undefined,
    actual: Json | undefined,
  ): void {
    differences.push({ kind, ...where, recorded: shown(expected), live: shown(actual) });
  }
}

function step(where: { at: string; path: string }, key: string): { at: string; path: string } {
  return { at: `${where.at}.${key}`, path: `${where.path}.${key}` };
}

/** A placeholder for a time or a number is a string in the fixture, so it is compared before types are. */
function typeOf(value: Json): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const SHOWN_LENGTH = 160;

function shown(value: Json | undefined): string {
  if (value === undefined) return '(absent)';
  const text = JSON.stringify(value);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}
