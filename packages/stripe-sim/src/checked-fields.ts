/** What a field of a control takes, and the sentence for whoever gave something else. */
export interface Field {
  takes(value: unknown): boolean;
  says: string;
}
export type FieldsOf<T> = Record<keyof T, Field>;

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
export const isCount = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 1;
export const isSpan = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/**
 * What was given without its empty fields: null is how JSON leaves one out. Throws a `RangeError` for a field that is
 * wrong or unknown; callers over HTTP and in JavaScript have no compiler that would tell them.
 */
export function checkedFields<T extends object>(given: T, fields: FieldsOf<T>, name: string): T {
  const kept = Object.entries(given).filter(([, value]) => value !== undefined && value !== null);
  for (const [key, value] of kept) {
    if (!Object.hasOwn(fields, key)) {
      throw new RangeError(`${name} has no field \`${key}\`; it has ${Object.keys(fields).join(', ')}.`);
    }
    const field = fields[key as keyof T];
    if (!field.takes(value)) throw new RangeError(`${field.says}: ${shown(value)}`);
  }
  return Object.fromEntries(kept) as T;
}

function shown(value: unknown): string {
  return String(typeof value === 'object' ? JSON.stringify(value) : value).slice(0, 100);
}
