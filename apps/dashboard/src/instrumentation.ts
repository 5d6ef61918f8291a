/** Called by Next once when a server starts, before it answers. */
export async function register(): Promise<void> {
  // The file is loaded for the edge runtime and while building, too, where there is no database.
  if (process.env.NEXT_RUNTIME !== 'nodejs' || process.env.NEXT_PHASE === 'phase-production-build') return;
  const { mailSettings } = await import('#server/mail/settings.ts');
  // Reads them now, so that a malformed one is found by whoever starts this and not by whoever waits for a mail.
  mailSettings();
  const { startHousekeeping } = await import('#server/housekeeping.ts');
  startHousekeeping();
}
