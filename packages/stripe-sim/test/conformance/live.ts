/**
 * Replays the recorded facts against a real Stripe sandbox and writes what it answered:
 *
 *     STRIPE_SECRET_KEY=sk_test_… npm run conformance:live
 *
 * Without a key it says so and ends well, so that it can stand in any pipeline. It creates customers, products and
 * prices in the sandbox and deletes the customers afterwards, which ends their subscriptions. `STRIPE_API_BASE` points
 * it at another server.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { apiVersion } from '../../src/settings.ts';
import { type Json, loadScenarios, type Scenario } from './fixture.ts';
import { OPEN_QUESTIONS } from './open-questions.ts';
import { replay, type StepResult, type Target } from './replay.ts';
import { reportOf } from './report.ts';
import { withoutSecrets } from './without-secrets.ts';

const STRIPE = 'https://api.stripe.com';
/** A sandbox allows 25 requests a second, and others may use it at the same time. Only Stripe itself is spared so. */
const PAUSE_BETWEEN_SCENARIOS_MS = 1_000;

const apiKey = process.env.STRIPE_SECRET_KEY;
if (apiKey === undefined || apiKey === '') {
  console.log('conformance:live skipped: STRIPE_SECRET_KEY is not set (a sandbox key, sk_test_…).');
} else if (!/^(sk|rk)_test_/.test(apiKey)) {
  console.error('conformance:live refused: STRIPE_SECRET_KEY is not a test key. It would create real charges.');
  process.exitCode = 2;
} else {
  const baseUrl = process.env.STRIPE_API_BASE ?? STRIPE;
  await replayAll({ baseUrl, apiKey, apiVersion });
}

async function replayAll(target: Target): Promise<void> {
  const folder = recordingsFolder();
  mkdirSync(folder, { recursive: true });
  let differing = 0;
  for (const scenario of [...loadScenarios(), ...OPEN_QUESTIONS]) {
    const results = await replay(scenario, target);
    const lines = isQuestion(scenario) ? [] : reportOf(scenario, results, () => false);
    differing += lines.length === 0 ? 0 : 1;
    console.log(lines.length === 0 ? `same       ${scenario.name}` : `different  ${lines.join('\n')}`);
    writeFileSync(new URL(`${scenario.name}.json`, folder), recordingOf(scenario, results, target.apiKey));
    await forget(results, target);
    if (target.baseUrl === STRIPE) await wait(PAUSE_BETWEEN_SCENARIOS_MS);
  }
  console.log(`\nRecordings: ${fileURLToPath(folder)}\n${differing} scenarios differ from what was recorded earlier.`);
}

/** A folder of its own for each run, so that two runs can be compared; `CONFORMANCE_RECORDINGS` names another. */
function recordingsFolder(): URL {
  const given = process.env.CONFORMANCE_RECORDINGS;
  if (given !== undefined) return pathToFileURL(`${resolve(given)}/`);
  return new URL(`./recordings/${new Date().toISOString().replaceAll(':', '-')}/`, import.meta.url);
}

function isQuestion(scenario: Scenario): boolean {
  return OPEN_QUESTIONS.includes(scenario);
}

function recordingOf(scenario: Scenario, results: StepResult[], key: string): string {
  const steps = results.map(({ step, live, differences }) => ({
    method: step.method,
    path: step.path,
    query: step.query,
    form: step.form,
    answer: live === null ? null : { status: live.status, headers: live.headers, body: withoutSecrets(live.body) },
    differences,
  }));
  const text = JSON.stringify({ name: scenario.name, apiVersion, recorded: new Date().toISOString(), steps }, null, 1);
  if (text.includes(key)) throw new Error(`The recording of ${scenario.name} would contain the API key.`);
  return `${text}\n`;
}

/** Deleting a customer also ends its subscriptions, so the sandbox does not go on billing them. */
async function forget(results: StepResult[], target: Target): Promise<void> {
  const customers = results
    .filter(({ step, live }) => step.path === '/v1/customers' && step.method === 'POST' && live?.status === 200)
    .map(({ live }) => idOf(live?.body ?? null));
  for (const customer of customers) {
    const response = await fetch(new URL(`/v1/customers/${customer}`, target.baseUrl), {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${target.apiKey}`, 'Stripe-Version': target.apiVersion },
    });
    if (!response.ok) console.error(`Could not delete ${customer}: ${response.status} ${await response.text()}`);
  }
}

function idOf(body: Json): string {
  const id = typeof body === 'object' && body !== null && !Array.isArray(body) ? body.id : undefined;
  if (typeof id !== 'string') throw new Error('A created customer has no id.');
  return id;
}
