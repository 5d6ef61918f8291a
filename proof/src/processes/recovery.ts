import type { Attempt, ChangeSeen, Evidence, Story } from './checker/evidence.ts';
import { parsedTrail } from './checker/trail.ts';
import type { Strike } from './faults/log.ts';

/** An open change whose process was killed, frozen or cut off from its database, and how long it then took to end. */
export interface Recovery {
  readonly organization: string;
  readonly change: string;
  readonly story: string;
  readonly status: string;
  /** How often something struck while it was open. */
  readonly strikes: number;
  /** From the first strike to its end, in milliseconds; null: it never ended. */
  readonly tookMs: number | null;
}

export interface Recoveries {
  readonly all: readonly Recovery[];
  /** How many strikes interrupted at least one open change. */
  readonly interrupting: number;
  /** Line by line: what happened to the one that took longest. */
  readonly worst: readonly string[];
}

/** Strikes after which a change needs somebody else, or another try, to go on. */
const interrupting: ReadonlySet<Strike['kind']> = new Set(['kill', 'freeze', 'database_crash', 'backend_end']);
/** A client notices the end of a process a moment after the clock of whoever ended it. */
const noticedWithinMs = 500;

/**
 * Which open changes were interrupted. A change is taken for interrupted by the death of a process if its client was being
 * served by that process at that moment, and by the death of the database if it was open: never more than was seen.
 */
export function recoveries(evidence: Evidence, strikes: readonly Strike[]): Recoveries {
  const hits = new Set<Strike>();
  const all: Recovery[] = [];
  for (const [story, change] of changesOfStories(evidence)) {
    const struck = strikes.filter((strike) => interrupting.has(strike.kind) && hit(story, change, strike));
    const [first] = struck;
    if (first === undefined) continue;
    for (const strike of struck) hits.add(strike);
    all.push({
      organization: story.organization,
      change: change.id,
      story: story.id,
      status: change.status,
      strikes: struck.length,
      tookMs: change.endedAt === null ? null : change.endedAt - first.at,
    });
  }
  const [longest] = all.toSorted((a, b) => (b.tookMs ?? Infinity) - (a.tookMs ?? Infinity));
  return { all, interrupting: hits.size, worst: longest ? timelineOf(evidence, strikes, longest) : [] };
}

function hit(story: Story, change: ChangeSeen, strike: Strike): boolean {
  const open = change.requestedAt <= strike.at && (change.endedAt === null || change.endedAt > strike.at);
  if (!open) return false;
  if (strike.pid === null) return true;
  return story.attempts.some(
    ({ pid, sentAt, heardAt, heard }) =>
      pid === strike.pid &&
      sentAt <= strike.at &&
      heardAt + noticedWithinMs >= strike.at &&
      !isEnd(heard.is, heardAt, strike.at),
  );
}

/** An attempt that had its answer before the strike was not interrupted by it. */
function isEnd(heard: Attempt['heard']['is'], heardAt: number, at: number): boolean {
  return heard !== 'silence' && heardAt < at;
}

function* changesOfStories(evidence: Evidence): Generator<readonly [Story, ChangeSeen]> {
  const stories = new Map(evidence.stories.map((story) => [`${story.organization} story ${story.id}`, story]));
  for (const [organization, changes] of evidence.changes) {
    for (const change of changes) {
      const story = stories.get(`${organization} ${change.reason}`);
      if (story !== undefined) yield [story, change];
    }
  }
}

/** Everything that is known of one change, in order: what its client heard, what the trail says, what was done to whom. */
export function timelineOf(
  evidence: Evidence,
  strikes: readonly Strike[],
  about: { readonly organization: string; readonly story: string; readonly change: string },
): string[] {
  const story = evidence.stories.find(({ id }) => id === about.story);
  const entries = parsedTrail(evidence.trails.get(about.organization) ?? []);
  const push = entries.find((entry) => entry.change === about.change && entry.push !== null)?.push;
  const lines: { at: number; text: string }[] = [];
  for (const entry of entries) {
    if (entry.change !== about.change && (push === null || push === undefined || entry.push !== push)) continue;
    lines.push({ at: Date.parse(entry.at), text: `trail ${entry.sequence}: ${entry.kind}: ${entry.note}` });
  }
  const pids = new Set<number>();
  for (const { pid, sentAt, heardAt, heard } of [...(story?.attempts ?? []), ...(story?.afterwards ?? [])]) {
    if (pid !== null) pids.add(pid);
    lines.push({ at: sentAt, text: `client asks server ${pid ?? '(none up)'} for ${JSON.stringify(story?.body)}` });
    lines.push({ at: heardAt, text: `client hears ${JSON.stringify(heard)}` });
  }
  const ends = lines.map(({ at }) => at);
  const [from, to] = [Math.min(...ends), Math.max(...ends)];
  for (const strike of strikes) {
    const near = strike.pid === null ? strike.at >= from && strike.at <= to : pids.has(strike.pid);
    if (near) lines.push({ at: strike.at, text: `fault: ${strike.what}` });
  }
  lines.sort((a, b) => a.at - b.at);
  return lines.map(({ at, text }) => `${String(at - from).padStart(7)} ms  ${about.organization}  ${text}`);
}

/** Changes that were written although their client heard nothing, or that nobody knows: commits in doubt. */
export function unacknowledged(evidence: Evidence): number {
  let count = 0;
  for (const [story, change] of changesOfStories(evidence)) {
    const first = story.attempts.find(
      ({ sentAt, heardAt }) => change.requestedAt >= sentAt - 50 && change.requestedAt <= heardAt,
    );
    if (first !== undefined && (first.heard.is === 'unknown' || first.heard.is === 'silence')) count += 1;
  }
  return count;
}
