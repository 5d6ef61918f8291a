import type { FaultName, FaultStanding, FaultsBody } from '#lib/faults.ts';
import { databaseCut } from './database-cut.ts';
import { simulator } from './simulator.ts';

/**
 * The demo's faults. Those of Stripe live in the simulator and are read back from it, so that a switch shows what is
 * really armed, whoever armed it.
 */

interface SimulatorRule {
  readonly id: string;
  readonly kind: string;
  readonly times: number | null;
  readonly match?: { readonly route?: string };
  readonly struck: number;
}

type StripeFault = Exclude<FaultName, 'database_down'>;

/** The one write that Seatbelt makes. Reads are left alone, so that the screen can show what Stripe says. */
const seatWrites = { route: 'POST /v1/subscriptions/:id' };

/** `times: null` strikes until it is switched off. */
const rules: Record<StripeFault, { readonly kind: string; readonly times: null; readonly match?: { route: string } }> =
  {
    stripe_down: { kind: 'drop_before', times: null },
    answers_lost: { kind: 'drop_after', times: null, match: seatWrites },
    card_declines: { kind: 'card_decline_402', times: null, match: seatWrites },
  };

/** The one decline that goes with the cut of the database. */
const refusalOnce = { kind: 'card_decline_402', times: 1, match: seatWrites };

export async function readFaults(): Promise<FaultsBody> {
  const armed = await simulatorRules();
  const standing = (name: StripeFault): FaultStanding => (armed.some((rule) => isRule(rule, name)) ? 'on' : 'off');
  return {
    faults: {
      stripe_down: standing('stripe_down'),
      answers_lost: standing('answers_lost'),
      card_declines: standing('card_declines'),
      database_down: databaseCut().standing,
    },
  };
}

export async function switchFault(name: FaultName, on: boolean): Promise<FaultsBody> {
  if (name === 'database_down') {
    await switchDatabaseCut(on);
    return readFaults();
  }
  const armed = (await simulatorRules()).filter((rule) => isRule(rule, name));
  if (on && armed.length === 0) await simulator('POST', 'faults', rules[name]);
  if (!on) for (const rule of armed) await simulator('DELETE', `faults/${rule.id}`);
  return readFaults();
}

export async function mendEverything(): Promise<FaultsBody> {
  databaseCut().mend();
  await simulator('DELETE', 'faults');
  return readFaults();
}

async function switchDatabaseCut(on: boolean): Promise<void> {
  const waiting = (await simulatorRules()).filter(isRefusalOnce);
  if (!on) {
    databaseCut().mend();
    for (const rule of waiting) await simulator('DELETE', `faults/${rule.id}`);
    return;
  }
  databaseCut().arm();
  if (waiting.length === 0) await simulator('POST', 'faults', refusalOnce);
}

function isRule(rule: SimulatorRule, name: StripeFault): boolean {
  return rule.kind === rules[name].kind && rule.times === null && rule.match?.route === rules[name].match?.route;
}

/** A spent rule stays listed by the simulator and strikes no more. */
function isRefusalOnce(rule: SimulatorRule): boolean {
  return rule.kind === refusalOnce.kind && rule.times === 1 && rule.struck === 0;
}

async function simulatorRules(): Promise<SimulatorRule[]> {
  return (await simulator<{ faults: SimulatorRule[] }>('GET', 'faults')).faults;
}
