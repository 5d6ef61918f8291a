import { createHash } from 'node:crypto';

/** The stored form of an invitation's token, which has 256 random bits: there is nothing to guess from. */
export function hashOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** The page that the link of an invitation opens. */
export function invitationPath(token: string): string {
  return `/invitations/${token}`;
}
