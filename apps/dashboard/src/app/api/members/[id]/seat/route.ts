import { seatPurchase } from '#features/members/server/bodies.ts';
import { seatMember, unseatMember } from '#features/members/server/members.ts';
import { countSeatChange } from '#server/authorize.ts';
import { door, readBody } from '#server/door.ts';

type Params = { readonly id: string };

/** Gives a member a seat. `buy: 1` only after its price was agreed to. */
export const POST = door<Params>('members:change', async (access, request, { id }) => {
  await countSeatChange(access);
  return seatMember(access, id, (await readBody(request, seatPurchase)).buy);
});

export const DELETE = door<Params>('members:change', async (access, _request, { id }) => {
  await countSeatChange(access);
  return unseatMember(access, id);
});
