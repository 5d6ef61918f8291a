import type { Json } from './fixture.ts';

/** Values that let their holder do something: never written to a recording. */
const SECRET_KEYS = new Set(['client_secret', 'hosted_invoice_url', 'invoice_pdf', 'receipt_url', 'request_log_url']);

/** The same body with every value that is a secret or a link carrying one replaced. */
export function withoutSecrets(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      SECRET_KEYS.has(key) && typeof inner === 'string' ? '<removed>' : withoutSecrets(inner),
    ]),
  );
}
