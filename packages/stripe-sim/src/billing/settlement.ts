import { minimumCharge } from '../settings.ts';

/** What an invoice asks for and what it does to the customer's balance. All in the currency's smallest unit. */
export interface Settlement {
  startingBalance: number;
  amountDue: number;
  endingBalance: number;
  /** `invoice_too_small` carries a small debt over instead of charging it. */
  balanceReason: 'applied_to_invoice' | 'invoice_too_small' | null;
}

/**
 * How a total meets the customer's balance. A positive balance is owed and is asked for with this invoice, a negative
 * one is credit and is used up first. What is left below the minimum charge is never charged but owed on (recorded);
 * what is left below zero becomes credit, not a refund.
 */
export function settle(total: number, startingBalance: number, currency: string): Settlement {
  const net = total + startingBalance;
  const tooSmall = net > 0 && net < (minimumCharge[currency] ?? 1);
  const amountDue = net > 0 && !tooSmall ? net : 0;
  const endingBalance = net - amountDue;
  const moved = endingBalance !== startingBalance;
  return {
    startingBalance,
    amountDue,
    endingBalance,
    balanceReason: moved ? (tooSmall ? 'invoice_too_small' : 'applied_to_invoice') : null,
  };
}
