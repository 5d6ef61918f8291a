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

/** The same for what takes time and may fail: everybody waits for one attempt, and after a failure the next caller makes another. */
export function onceItWorks<Value>(name: string, attempt: () => Promise<Value>): Promise<Value> {
  const key = Symbol.for(`seatbelt.dashboard.${name}`);
  values[key] ??= attempt().catch((error: unknown) => {
    values[key] = undefined;
    throw error;
  });
  return values[key] as Promise<Value>;
}
