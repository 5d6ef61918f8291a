import type { Alerts, Logger } from '../alerts/alerts.ts';
import { policy } from '../core/policy.ts';
import type { Executor } from '../db/executor.ts';
import { expectRounds, readDuties } from '../store/duties.ts';
import { entryText } from '../store/installation-audit.ts';
import {
  closeSilence,
  type InstallationIncident,
  markTold,
  openSilence,
  readUntold,
} from '../store/installation-incidents.ts';
import { type JudgedDuty, judge } from './judge.ts';

interface WatchContext {
  readonly database: Executor;
  readonly alerts: Alerts;
  readonly logger: Logger;
  /** This process, for the trail. */
  readonly owner: string;
  readonly monotonicNow: () => number;
}

/**
 * Looks after the duties of the whole installation, from any process that does anything: a round, a request, a question
 * for health. So a worker that has died is found by whoever still runs, once, and by whoever runs it is found to be back.
 */
export class Watch {
  readonly #context: WatchContext;
  #nextAt = Number.NEGATIVE_INFINITY;
  #underWay: Promise<void> = Promise.resolve();

  constructor(context: WatchContext) {
    this.#context = context;
  }

  /** Looks, unless this process has just looked. Never throws: whoever calls has something else to do. */
  now(): Promise<void> {
    const { monotonicNow, logger } = this.#context;
    if (monotonicNow() < this.#nextAt) return this.#underWay;
    this.#nextAt = monotonicNow() + policy.watchEveryMs;
    this.#underWay = this.look().catch((error: unknown) => {
      logger.warn({ err: error }, 'The duties could not be looked after; it is tried again in a moment.');
    });
    return this.#underWay;
  }

  /** Resolves when no look is under way. */
  idle(): Promise<void> {
    return this.#underWay;
  }

  /** Finds what is silent and what is not any more, and tells of it. @throws what the database throws */
  async look(): Promise<void> {
    const { database } = this.#context;
    const duties = judge(await readDuties(database));
    if (!duties.some(({ name }) => name === 'tick')) await expectRounds(database, policy.firstRoundMs);
    for (const duty of duties) {
      if (duty.state === 'silent' && duty.incident === null) await this.#open(duty);
      else if (duty.incident !== null && (duty.state === 'ok' || duty.state === 'not_expected')) {
        await this.#close(duty, duty.incident);
      }
    }
    await this.#tell();
  }

  async #open(duty: JudgedDuty): Promise<void> {
    const id = `duty_silent:${duty.name}:${duty.quietSince}`;
    const message = silenceOf(duty);
    const entry = this.#entry('incident_opened', id, message);
    await openSilence(this.#context.database, { id, duty: duty.name, message, entry });
  }

  async #close(duty: JudgedDuty, id: string): Promise<void> {
    const note =
      duty.state === 'ok'
        ? `It succeeded again at ${duty.lastSuccessAt}.`
        : 'No running process means to do it any more.';
    await closeSilence(this.#context.database, id, this.#entry('incident_closed', id, note));
  }

  #entry(kind: string, incident: string, note: string): string {
    const actor = `process ${this.#context.owner}`;
    return entryText({ kind, at: new Date().toISOString(), incident, actor, note });
  }

  /** At least once; under one fingerprint, so that telling twice is harmless. */
  async #tell(): Promise<void> {
    const { database, alerts } = this.#context;
    const untold = await readUntold(database);
    if (untold.length === 0) return;
    for (const incident of untold) tellIncident(alerts, incident);
    const { left } = await alerts.deliver();
    if (left === 0) await markTold(database, untold);
  }
}

const duties: Readonly<Record<string, string>> = {
  tick: 'No worker has finished a round',
  events: 'The list of events at Stripe has not been read',
  sweep: 'No sweep has compared everything with Stripe',
};

function silenceOf(duty: JudgedDuty): string {
  const what = duties[duty.name] ?? `"${duty.name}" has not succeeded`;
  const never = duty.lastSuccessAt === null ? ', and never before' : '';
  return `${what} since ${duty.quietSince}${never}. What is lost meanwhile is not found.`;
}

function tellIncident(alerts: Alerts, incident: InstallationIncident): void {
  const fingerprint = `seatbelt:${incident.id}`;
  const context = {
    organization: '',
    push: null,
    incident: incident.id,
    duty: incident.duty,
    seatCountBefore: 0,
    seatCountAfter: 0,
    stripeRequestId: null,
  };
  alerts.raise({ fingerprint, level: 'error', message: `Seatbelt: ${incident.message}`, context });
  if (incident.closedAt !== null) alerts.resolved(fingerprint, `This is over: ${incident.message}`, context);
}
