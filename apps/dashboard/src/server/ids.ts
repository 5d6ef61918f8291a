import { randomBytes } from 'node:crypto';

const prefixes: Readonly<Record<string, string>> = {
  organization: 'org',
  organizations: 'org',
  user: 'user',
  users: 'user',
  member: 'member',
  members: 'member',
};

/** A new id that says what it names: 120 random bits, safe in addresses. */
export function newId(model: string): string {
  return `${prefixes[model] ?? model}_${randomBytes(15).toString('base64url')}`;
}

/** A secret that goes to one person: 256 random bits, safe in addresses. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}
