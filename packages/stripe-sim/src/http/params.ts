import { invalidRequest, notSimulated, StripeFailure } from './errors.ts';
import type { FormHash, FormValue } from './form.ts';

/** Reads one parameter from its form text, or throws the 400 that Stripe gives for it. `name` is as in `items[0][id]`. */
export interface Shape<T> {
  read(value: FormValue, name: string): T;
  /** Set by {@link required}. */
  required?: true;
}

export type Read<S> = S extends Shape<infer T> ? T : never;
export type Fields = Record<string, Shape<unknown>>;
export type ReadFields<F extends Fields> = {
  [K in keyof F as F[K] extends { required: true } ? K : never]: Read<F[K]>;
} & {
  [K in keyof F as F[K] extends { required: true } ? never : K]?: Read<F[K]> | undefined;
};

/** Largest number Stripe takes for quantities and amounts: eight digits are the documented limit for amounts. */
export const largestInteger = 99_999_999;

export function required<S extends Shape<unknown>>(shape: S): S & { required: true } {
  return { ...shape, required: true };
}

export const text: Shape<string> = {
  read(value, name) {
    if (typeof value !== 'string') throw invalidRequest('Invalid string: a hash was given', name);
    if (value.length > 5_000) {
      throw invalidRequest(`Invalid string: must be at most 5000 characters`, name, 'parameter_invalid_string');
    }
    return value;
  },
};

/** An id in a parameter: text that must not be empty. */
export const id: Shape<string> = {
  read(value, name) {
    const read = text.read(value, name);
    if (read === '') {
      throw invalidRequest(
        `You passed an empty string for '${name}'. We assume empty values are an attempt to unset a parameter; ` +
          `however '${name}' cannot be unset. You should remove '${name}' from your request or supply a non-empty value.`,
        name,
        'parameter_invalid_empty',
      );
    }
    return read;
  },
};

/** A whole number within bounds; Stripe's own wording for what is not one. */
export function integer(bounds: { minimum?: number; maximum?: number } = {}): Shape<number> {
  const { minimum = -largestInteger, maximum = largestInteger } = bounds;
  return {
    read(value, name) {
      if (typeof value !== 'string' || !/^(\d+|-0*[1-9]\d*)$/.test(value)) {
        throw invalidRequest(`Invalid integer: ${shown(value)}`, name, 'parameter_invalid_integer');
      }
      const read = Number(value);
      if (read < minimum) {
        throw invalidRequest(
          `This value must be greater than or equal to ${minimum}.`,
          name,
          'parameter_invalid_integer',
        );
      }
      if (!Number.isSafeInteger(read) || read > maximum) {
        throw invalidRequest(`This value must be less than or equal to ${maximum}.`, name, 'parameter_invalid_integer');
      }
      return read;
    },
  };
}

/** Seats of an item. Stripe documents no upper bound; nine digits are refused here. */
export const quantityShape: Shape<number> = integer({ minimum: 0, maximum: 99_999_999 });

/** Seconds since 1970. */
export const timestamp: Shape<number> = {
  read(value, name) {
    if (typeof value !== 'string' || !/^\d{1,11}$/.test(value)) {
      throw invalidRequest(
        `Invalid timestamp: ${shown(value)}; must be an integer Unix timestamp in seconds`,
        name,
        'parameter_invalid_integer',
      );
    }
    return Number(value);
  },
};

/** A decimal number as text, kept as text: amounts never pass through floating point. */
export const decimal: Shape<string> = {
  read(value, name) {
    if (typeof value !== 'string' || !/^\d{1,10}(\.\d{1,12})?$/.test(value)) {
      throw invalidRequest(`Invalid decimal: ${shown(value)}`, name, 'parameter_invalid_decimal');
    }
    return value;
  },
};

export const flag: Shape<boolean> = {
  read(value, name) {
    if (value === 'true' || value === 'false') return value === 'true';
    throw invalidRequest(`Invalid boolean: ${shown(value)}`, name);
  },
};

export function oneOf<const T extends string>(...choices: T[]): Shape<T> {
  return {
    read(value, name) {
      const found = choices.find((choice) => choice === value);
      if (found !== undefined) return found;
      const all = choices.length === 1 ? choices[0] : `${choices.slice(0, -1).join(', ')}, or ${choices.at(-1)}`;
      throw invalidRequest(`Invalid ${lastName(name)}: must be one of ${all}`, name);
    },
  };
}

/** An empty value unsets the field: read as null. */
export function clearable<T>(shape: Shape<T>): Shape<T | null> {
  return { read: (value, name) => (value === '' ? null : shape.read(value, name)) };
}

/** Either of two shapes, the first that reads. The second's complaint is the one shown. */
export function either<A, B>(first: Shape<A>, second: Shape<B>): Shape<A | B> {
  return {
    read(value, name) {
      try {
        return first.read(value, name);
      } catch (failure) {
        if (!(failure instanceof StripeFailure)) throw failure;
        return second.read(value, name);
      }
    },
  };
}

/** A list sent as `name[0]=`, `name[]=`; an empty string is the empty list. */
export function listOf<T>(shape: Shape<T>, maximum = 500): Shape<T[]> {
  return {
    read(value, name) {
      if (value === '') return [];
      if (typeof value === 'string') throw invalidRequest('Invalid array', name);
      const keys = Object.keys(value);
      if (!keys.every((key) => /^\d{1,6}$/.test(key))) throw invalidRequest('Invalid array', name);
      if (keys.length > maximum) throw invalidRequest(`Array too long: at most ${maximum} elements`, name);
      keys.sort((left, right) => Number(left) - Number(right));
      return keys.map((key) => shape.read(value[key] ?? '', `${name}[${key}]`));
    },
  };
}

/** A hash with known keys. */
export function hash<F extends Fields>(fields: F): Shape<ReadFields<F>> {
  return {
    read(value, name) {
      if (typeof value === 'string') throw invalidRequest('Invalid object', name, 'parameter_invalid_hash');
      return readFields(fields, value, name);
    },
  };
}

/** A metadata hash; an empty value removes the key (read as ''). An empty string removes all (read as null). */
export const metadata: Shape<Record<string, string> | null> = {
  read(value, name) {
    if (value === '') return null;
    if (typeof value === 'string') throw invalidRequest('Invalid metadata: must be a hash', name);
    const read: Record<string, string> = {};
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner !== 'string') {
        throw invalidRequest(
          'Metadata values must be strings, but for key `' +
            key.slice(0, 40) +
            '` you passed in a value of type `hash`.',
          `${name}[${key.slice(0, 40)}]`,
        );
      }
      if (key.length > 40)
        throw invalidRequest(`Metadata keys can be up to 40 characters in length: ${key.slice(0, 40)}`, name);
      if (inner.length > 500)
        throw invalidRequest('Metadata values can be up to 500 characters in length.', `${name}[${key}]`);
      if (key === '__proto__') throw invalidRequest('Invalid metadata key', name);
      read[key] = inner;
    }
    return read;
  },
};

/** A parameter that Stripe has and the simulator leaves out: taken when it asks for nothing, refused by name otherwise. */
export function notModelled(neutral: readonly string[] = []): Shape<undefined> {
  return {
    read(value, name) {
      if (value === '' || (typeof value === 'string' && neutral.includes(value))) return undefined;
      throw notSimulated(`the parameter \`${name}\``, name);
    },
  };
}

/** Values that Stripe has for a parameter and the simulator leaves out: refused by name, before the shape is asked. */
export function withoutValues<T>(shape: Shape<T>, ...leftOut: string[]): Shape<T> {
  return {
    read(value, name) {
      const found = leftOut.find((one) => one === value);
      if (found !== undefined) throw notSimulated(`\`${found}\` as the \`${name}\``, name);
      return shape.read(value, name);
    },
  };
}

/** Reads a whole set of parameters; unknown and missing ones are refused in Stripe's words. */
export function readFields<F extends Fields>(fields: F, values: FormHash, prefix = ''): ReadFields<F> {
  const result: Record<string, unknown> = {};
  const unknown: string[] = [];
  for (const [key, value] of Object.entries(values)) {
    const name = prefix === '' ? key : `${prefix}[${key}]`;
    const shape = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (shape === undefined) unknown.push(fullName(name, value));
    else result[key] = shape.read(value, name);
  }
  if (unknown.length > 0) {
    const shown = unknown.map((name) => name.slice(0, 200));
    throw invalidRequest(
      shown.length === 1
        ? `Received unknown parameter: ${shown[0]}`
        : `Received unknown parameters: ${shown.slice(0, 20).join(', ')}`,
      shown[0],
      'parameter_unknown',
    );
  }
  for (const [key, shape] of Object.entries(fields)) {
    if (shape.required && result[key] === undefined) {
      const name = prefix === '' ? key : `${prefix}[${key}]`;
      throw invalidRequest(`Missing required param: ${name}.`, name, 'parameter_missing');
    }
  }
  return result as ReadFields<F>;
}

/** Stripe names an unknown hash by its first leaf: `Received unknown parameter: a[b]`. */
function fullName(name: string, value: FormValue): string {
  if (typeof value === 'string') return name;
  const [first] = Object.entries(value);
  return first === undefined ? name : fullName(`${name}[${first[0]}]`, first[1]);
}

/** `interval` of `items[0][interval]`, and `enabled_events[0]` as it is: an element is named with its list. */
function lastName(name: string): string {
  const [, key, index] = /\[([^[\]]*[^[\]\d][^[\]]*)\]((?:\[\d+\])*)$/.exec(name) ?? [];
  return key === undefined ? name : `${key}${index}`;
}

/** Applies a metadata parameter to stored metadata: given keys are merged, '' removes a key, null removes all. */
export function mergeMetadata(
  stored: Record<string, string>,
  given: Record<string, string> | null | undefined,
): Record<string, string> {
  if (given === undefined) return stored;
  if (given === null) return {};
  const merged = { ...stored };
  for (const [key, value] of Object.entries(given)) {
    if (value === '') delete merged[key];
    else merged[key] = value;
  }
  const count = Object.keys(merged).length;
  if (count > 50) throw invalidRequest(`Metadata can have up to 50 keys, but you've set ${count}.`, 'metadata');
  return merged;
}

/** What was sent, short enough to be quoted in a message. */
function shown(value: FormValue): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 200);
}
