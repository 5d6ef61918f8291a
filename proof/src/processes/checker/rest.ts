import type { Evidence, Finding } from './evidence.ts';

/** G11: nothing is open any more, in time. G3 and G10: what was found is closed again, or says so on the screen. */
export function* judgeRest(evidence: Evidence): Generator<Finding> {
  const { organizations, rows, screens, restedAt, restless, settleWithinMs } = evidence;
  if (restedAt === null) {
    yield {
      guarantee: 'G11',
      organization: null,
      message: `not everything was at rest ${settleWithinMs / 1_000} s after the last fault`,
    };
  }
  for (const { organization, pushState } of restless) {
    const what = pushState === null ? 'its two counts differed' : `its push was ${pushState}`;
    yield { guarantee: 'G11', organization, message: `${what} ${settleWithinMs / 1_000} s after the last fault` };
  }
  const seen = new Map(rows.map((row) => [row.organization, row]));
  const alerted = new Set(evidence.alerts.map(({ fingerprint }) => fingerprint));
  for (const { id, foreign } of organizations) {
    const row = seen.get(id);
    const screen = screens.get(id);
    if (row === undefined || screen === undefined) {
      yield { guarantee: 'G5', organization: id, message: 'the organization has vanished' };
      continue;
    }
    if (foreign) continue;
    if (row.pushState !== null || screen.open) {
      yield { guarantee: 'G11', organization: id, message: `still open: push ${row.pushState ?? 'none'}` };
    }
    if (screen.status !== 'active') {
      yield {
        guarantee: screen.status === 'over_capacity' ? 'G8' : 'G5',
        organization: id,
        message: `its status is ${screen.status} (${screen.hold ?? 'no hold'}) although nobody else changed anything`,
      };
    }
    for (const incident of screen.incidents) {
      if (incident.kind === 'rollback_failed') {
        yield { guarantee: 'G3', organization: id, message: 'a rollback that could not be written is still open' };
      }
      // A rollback's alert goes by its push, every other one by its incident.
      const told = alerted.has(`seatbelt:${incident.id}`) || incident.kind.includes('rollback');
      if (incident.action !== 'none' && !told) {
        yield { guarantee: 'G3', organization: id, message: `nobody was alerted of ${incident.kind} ${incident.id}` };
      }
    }
  }
}
