import type { WireObject } from '../wire.ts';

/**
 * The old values of what changed between two shapes of an object, as Stripe's `data.previous_attributes` has them:
 * hashes are compared key by key, a changed array or list is included whole. Null when nothing changed.
 */
export function previousAttributes(before: WireObject, after: WireObject): WireObject | null {
  const previous: WireObject = {};
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const old = before[key];
    const now = after[key];
    if (same(old, now)) continue;
    const inner = isHash(old) && isHash(now) && old.object !== 'list' ? previousAttributes(old, now) : null;
    previous[key] = inner ?? old ?? null;
  }
  return Object.keys(previous).length === 0 ? null : previous;
}

function isHash(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function same(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return (left ?? null) === (right ?? null);
  }
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  const leftKeys = Object.keys(left);
  if (leftKeys.length !== Object.keys(right).length) return false;
  return leftKeys.every((key) => same((left as WireObject)[key], (right as WireObject)[key]));
}
