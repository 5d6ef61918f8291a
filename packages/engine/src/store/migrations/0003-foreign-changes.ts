/** What Stripe showed last, and what is known of changes that others make. */
export const sql = /* sql */ `
-- The newest observation of the subscription: rules read it, and people.
alter table seatbelt.accounts add column observed jsonb;
`;
