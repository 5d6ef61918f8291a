import type { Evidence, Finding } from './evidence.ts';
import { parsedTrail } from './trail.ts';

/** G8: nobody is given a seat that is not there. */
export function* judgeCapacity(evidence: Evidence): Generator<Finding> {
  const foreign = new Set(evidence.organizations.filter((one) => one.foreign).map(({ id }) => id));
  for (const row of evidence.rows) {
    if (foreign.has(row.organization) || row.usedSeats <= row.settledSeats) continue;
    const message = `${row.usedSeats} seats are in use at rest, ${row.settledSeats} are confirmed`;
    yield { guarantee: 'G8', organization: row.organization, message };
  }
  for (const { id } of evidence.organizations) {
    for (const entry of parsedTrail(evidence.trails.get(id) ?? [])) {
      if (entry.usedAfter <= entry.usedBefore || entry.usedAfter <= entry.seatCountAfter) continue;
      // The request and the seats it is buying are one entry, so the count is up before anybody takes a seat of it.
      const message = `entry ${entry.sequence} (${entry.kind}) brings ${entry.usedAfter} seats into use, ${entry.seatCountAfter} are bought`;
      yield { guarantee: 'G8', organization: id, message };
    }
  }
  for (const peek of evidence.peeks) {
    if (foreign.has(peek.organization) || peek.assigned <= peek.settled) continue;
    const message = `${peek.assigned} seats were assigned at ${new Date(peek.at).toISOString()}, ${peek.settled} were confirmed`;
    yield { guarantee: 'G8', organization: peek.organization, message };
  }
}
