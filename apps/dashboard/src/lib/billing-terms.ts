/** What the screen has to know of the contract before it is asked for a price. */
export interface BillingTerms {
  /** When fewer seats take effect. */
  readonly decreases: 'now' | 'period_end';
}
