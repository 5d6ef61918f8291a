import { invalidRequest, noSuch, notSimulated } from '../http/errors.ts';
import type { PriceRow } from '../state/rows.ts';
import type { Unit } from '../unit.ts';

/** A price named in a parameter that a subscription can have: there, active and recurring. */
export function recurringPrice(unit: Unit, priceId: string | undefined, param: string): PriceRow {
  if (priceId === undefined) throw invalidRequest(`Missing required param: ${param}.`, param, 'parameter_missing');
  const price = unit.store.prices.get(priceId);
  if (price === undefined) throw noSuch('price', priceId, { param });
  if (price.recurring === null) {
    throw invalidRequest(
      'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.',
      param,
    );
  }
  if (!price.active) {
    throw invalidRequest(`The price specified is inactive. This field only accepts active prices.`, param);
  }
  return price;
}

/** A price has one currency here, so that a bill in another one is not on offer. */
export function refuseOtherCurrency(currency: string, wanted: string | undefined): void {
  if (wanted === undefined || wanted.toLowerCase() === currency) return;
  throw notSimulated(`a bill in \`${wanted.slice(0, 20)}\` for prices in \`${currency}\``, 'currency');
}
