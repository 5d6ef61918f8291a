/** The faults a visitor of the demo can switch on, with the words of the panel. */
export const faultNames = ['stripe_down', 'answers_lost', 'card_declines', 'database_down'] as const;

export type FaultName = (typeof faultNames)[number];

/** `armed` waits for its moment; `on` is hurting now. */
export type FaultStanding = 'off' | 'armed' | 'on';

export interface FaultsBody {
  readonly faults: Record<FaultName, FaultStanding>;
}

export function isFaultName(name: unknown): name is FaultName {
  return faultNames.some((known) => known === name);
}
