/** A source of numbers in [0, 1) that gives the same run for the same seed. */
export interface Random {
  next(): number;
  /** The generator's inner state, so that a rolled-back preview leaves no trace and a saved run continues. */
  save(): number;
  restore(state: number): void;
}

/** mulberry32: small, fast and good enough for ids and fault dice; not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = state;
      mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    },
    save: () => state,
    restore(saved) {
      state = saved;
    },
  };
}
