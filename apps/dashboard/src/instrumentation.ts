/** Called by Next once when a server starts, before it answers. */
export async function register(): Promise<void> {
  // The file is loaded for the edge runtime and while building, too, where there is no database.
  if (process.env.NEXT_RUNTIME !== 'nodejs' || process.env.NEXT_PHASE === 'phase-production-build') return;
  const { checkStart } = await import('#server/check-start.ts');
  checkStart();
  const { notePeers } = await import('#server/peer.ts');
  notePeers();
  const { startSentry } = await import('#server/sentry.ts');
  await startSentry();
  const { startHousekeeping } = await import('#server/housekeeping.ts');
  startHousekeeping();
}
