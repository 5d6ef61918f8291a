import { invalidRequest, noSuch } from '../http/errors.ts';
import type { Unit } from '../unit.ts';

/** Refuses a stored payment method that does not belong to the customer; `param` is the parameter that named it. */
export function checkOwnPaymentMethod(unit: Unit, customer: string, methodId: string, param: string): void {
  const method = unit.store.paymentMethods.get(methodId);
  if (method === undefined) throw noSuch('PaymentMethod', methodId, { param });
  if (method.customer !== customer) {
    throw invalidRequest(
      `The customer does not have a payment method with the ID ${methodId}. The payment method must be attached to the customer.`,
      param,
      'resource_missing',
    );
  }
}
