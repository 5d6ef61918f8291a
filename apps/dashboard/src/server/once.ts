const values = globalThis as unknown as Record<symbol, unknown>;

/**
 * One value per process. Next may load a module once for each bundle that uses it; what owns connections or a fault's
 * state must exist only once nevertheless.
 */
export function once<Value>(name: string, make: () => Value): Value {
  const key = Symbol.for(`seatbelt.dashboard.${name}`);
  values[key] ??= make();
  return values[key] as Value;
}
