import type { Evidence, Finding } from './evidence.ts';
import { parsedTrail } from './trail.ts';

/** Stripe tells whole seconds, cut off, and the clock of the simulated one began on a whole second, cut off too. */
const stripeTimeBehindMs = 2_000;

const ourKey = /^seatbelt:([0-9a-f-]{36}):(\d+)$/;

/** G1: whatever moved a quantity at Stripe was intended in the trail before. G5: and no intent was carried out twice. */
export function* judgeWrites(evidence: Evidence): Generator<Finding> {
  const bySubscription = new Map(
    evidence.organizations.map((organization) => [organization.subscription, organization]),
  );
  const intended = new Map<string, { readonly organization: string; readonly at: number }>();
  for (const { id } of evidence.organizations) {
    for (const entry of parsedTrail(evidence.trails.get(id) ?? [])) {
      if (entry.kind === 'push_intended' && entry.push !== null)
        intended.set(entry.push, { organization: id, at: Date.parse(entry.at) });
    }
  }
  const doneBy = new Map<string, string>();
  for (const event of evidence.events) {
    const organization = bySubscription.get(event.subscription);
    if (organization === undefined) continue;
    const push = event.key === null ? undefined : ourKey.exec(event.key)?.[1];
    if (push === undefined) {
      if (organization.foreign) continue;
      yield {
        guarantee: 'G1',
        organization: organization.id,
        message: `the quantity went from ${event.from} to ${event.to} by a request without a key of ours (${event.id})`,
      };
      continue;
    }
    const intent = intended.get(push);
    if (intent?.organization !== organization.id) {
      yield {
        guarantee: 'G1',
        organization: organization.id,
        message: `the quantity went from ${event.from} to ${event.to} without an intent in the trail (push ${push})`,
      };
      continue;
    }
    if (event.created * 1_000 + stripeTimeBehindMs < intent.at) {
      yield {
        guarantee: 'G1',
        organization: organization.id,
        message: `push ${push} was carried out at ${event.created} s and intended at ${intent.at} ms only`,
      };
    }
    const earlier = doneBy.get(event.key ?? '');
    if (earlier !== undefined) {
      yield {
        guarantee: 'G5',
        organization: organization.id,
        message: `push ${push} was carried out twice under one key, by ${earlier} and ${event.request}`,
      };
    }
    doneBy.set(event.key ?? '', String(event.request));
  }
}
