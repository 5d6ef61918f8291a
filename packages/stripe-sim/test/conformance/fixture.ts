import { readdirSync, readFileSync } from 'node:fs';

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/**
 * One request that real Stripe was sent and what it answered, with everything that belongs to that one account and
 * that one moment replaced by a placeholder (see `placeholders.ts`).
 */
export interface RecordedStep {
  method: string;
  /** Without the query. */
  path: string;
  /** Query and form parameters in their order, decoded. */
  query: [key: string, value: string][];
  form: [key: string, value: string][];
  status: number;
  /** The headers that tell a client something; `{request}` stands for this answer's own `Request-Id`. */
  headers: Record<string, string>;
  body: Json;
}

/** A price that the recording account had before the scenario began. */
export interface GivenPrice {
  /** The placeholder that stands for its id, and the one of its product. */
  id: string;
  product: string;
  product_name: string;
  unit_label: string | null;
  currency: string;
  unit_amount: number;
  interval: string | null;
  nickname: string | null;
  tax_behavior: string;
}

export interface Scenario {
  name: string;
  /** Where the facts are from: the recording's name in pay-rails/pay, its day and the API version it was made with. */
  source: { cassette: string; recorded: string; apiVersion: string };
  given: GivenPrice[];
  steps: RecordedStep[];
}

const FOLDER = new URL('../fixtures/', import.meta.url);

export function loadScenarios(): Scenario[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file): Scenario => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')));
}
