import { isDevMode, isLoopback } from './environment.ts';

/** Who the demo's visitor is. There is one, the owner of the demo organizations. */
export const demoOwner = 'demo-owner';

/**
 * Whether a request has the demo owner's session. Besides devMode it takes a name of this machine in `Host`: a page
 * elsewhere that points its own name at 127.0.0.1 (DNS rebinding) brings that name along and stays outside.
 */
export function isDemoSession(host: string | null): boolean {
  if (!isDevMode() || host === null) return false;
  const url = URL.parse(`http://${host}`);
  return url !== null && isLoopback(url.hostname);
}
