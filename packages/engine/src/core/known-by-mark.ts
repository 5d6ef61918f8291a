/**
 * Makes `instanceof` go by a mark instead of by the class. A bundler may load the engine twice into one process (Next
 * does, a copy for each of its bundles), and an error that one copy throws is then caught with the class of the other.
 *
 *     class SeatRefused extends Error {
 *       static { knownByMark(this, 'SeatRefused'); }
 *     }
 */
export function knownByMark(errorClass: { readonly prototype: Error }, name: string): void {
  const mark = Symbol.for(`seatbelt.${name}`);
  Object.defineProperty(errorClass.prototype, mark, { value: true });
  Object.defineProperty(errorClass, Symbol.hasInstance, {
    value(this: unknown, candidate: unknown): boolean {
      // A class made from this one inherits this function, and is not known by the mark of its parent.
      if (this !== errorClass) return Function.prototype[Symbol.hasInstance].call(this, candidate);
      return typeof candidate === 'object' && candidate !== null && Reflect.get(candidate, mark) === true;
    },
  });
}
