import type { OverTimeBody } from '#features/invoices/contract.ts';
import { door } from '#server/door.ts';
import { seatbelt } from '#server/seatbelt.ts';

/** The seats that were billed, over time. */
export const GET = door('seats:read', async ({ organization }): Promise<OverTimeBody> => {
  const [points, { account }] = await Promise.all([
    seatbelt().settledOverTime(organization),
    seatbelt().inspect(organization),
  ]);
  return { points, settledSeats: account.settledSeats };
});
