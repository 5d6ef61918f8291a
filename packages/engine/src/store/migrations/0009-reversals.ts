/** How often late writes of our own were reversed lately, so that it is not done without end. */
export const sql = /* sql */ `
alter table seatbelt.accounts add column reversed_at jsonb not null default '[]';
`;
