import { revokeKey } from '#features/api-keys/server/keys.ts';
import { door } from '#server/door.ts';

export const DELETE = door<{ readonly id: string }>('keys:manage', (access, _request, { id }) => revokeKey(access, id));
