import { policy } from '../core/policy.ts';
import { invalidInput } from './request-bodies.ts';

const printable = new RegExp(`^[\\x20-\\x7e]{1,${policy.textLimit}}$`);

/** The `Idempotency-Key` header as it was sent. One that cannot be kept is refused: dropping it would make a retry a second change. */
export function idempotencyKey(request: Request): { idempotencyKey?: string } {
  const key = request.headers.get('idempotency-key');
  if (key === null) return {};
  if (printable.test(key)) return { idempotencyKey: key };
  throw invalidInput(
    'Idempotency-Key',
    `The header Idempotency-Key must have 1 to ${policy.textLimit} printable ASCII characters.`,
  );
}
