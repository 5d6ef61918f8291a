import { createHmac } from 'node:crypto';

/** `Stripe-Signature` for a payload: one `v1` for each secret that is good at present. */
export function signatureHeader(payload: string, secrets: string[], timestamp: number): string {
  const signatures = secrets.map((secret) => {
    const hmac = createHmac('sha256', secret).update(`${timestamp}.${payload}`).digest('hex');
    return `v1=${hmac}`;
  });
  return [`t=${timestamp}`, ...signatures].join(',');
}
