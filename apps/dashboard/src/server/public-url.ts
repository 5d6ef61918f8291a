import { environment, isDevMode } from './environment.ts';

/**
 * Where people reach this installation, without a slash at the end: SEATBELT_URL, or this machine in development. null
 * where nobody said so: the `Host` of a request is not believed for a link that goes into a mail, because a stranger
 * could put a name of their own there and read the token.
 */
export function publicUrl(): string | null {
  const said = process.env.SEATBELT_URL;
  if (said !== undefined && said !== '') {
    const url = URL.parse(said);
    if (url === null || !/^https?:$/.test(url.protocol)) throw new Error(`SEATBELT_URL is no web address: ${said}`);
    return url.origin;
  }
  return isDevMode() ? `http://localhost:${environment().port}` : null;
}

/** Whether browsers reach us by https, so that cookies may insist on it. */
export function isSecure(): boolean {
  return publicUrl()?.startsWith('https:') ?? false;
}
