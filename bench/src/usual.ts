import { type LoadSize, loadWithoutFaults } from './usual/load.ts';
import { type FaultsSize, underFaults } from './usual/under-faults.ts';

/** The usual version beside Seatbelt: first what it costs when nothing fails, then what is left when things do. */
export async function usual(
  size: { readonly load: LoadSize; readonly faults: FaultsSize },
  tell: (sentence: string) => void,
) {
  return {
    load: { ...size.load, programs: await loadWithoutFaults(size.load, tell) },
    faults: { ...size.faults, programs: await underFaults(size.faults, tell) },
  };
}
