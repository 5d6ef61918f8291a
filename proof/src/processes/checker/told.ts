import type { ChangeSeen, Evidence, Finding, Heard, HolderSeen, Story } from './evidence.ts';

/** What the clients were told is so: G4 (no outcome that is not), G6 (nothing lost, nothing twice), G7 (one key, one change). */
export function* judgeTold(evidence: Evidence): Generator<Finding> {
  const byReason = new Map<string, ChangeSeen[]>();
  const byId = new Map<string, ChangeSeen>();
  for (const [organization, changes] of evidence.changes) {
    for (const change of changes) {
      byId.set(`${organization} ${change.id}`, change);
      const place = `${organization} ${change.reason}`;
      byReason.set(place, [...(byReason.get(place) ?? []), change]);
    }
  }
  for (const story of evidence.stories) {
    const made = byReason.get(`${story.organization} story ${story.id}`) ?? [];
    yield* judgeStory(story, made, (id) => byId.get(`${story.organization} ${id}`));
  }
  yield* judgeUse(evidence, byReason);
}

function* judgeStory(
  story: Story,
  made: readonly ChangeSeen[],
  find: (id: string) => ChangeSeen | undefined,
): Generator<Finding> {
  const found = (guarantee: string, message: string): Finding => ({
    guarantee,
    organization: story.organization,
    message: `story ${story.id}: ${message}`,
  });
  const attempts = [...story.attempts, ...story.afterwards];
  if (made.length > 1) yield found('G7', `one key became ${made.length} changes`);
  const named = new Set(attempts.flatMap(({ heard }) => (heard.is === 'change' ? [heard.change] : [])));
  if (named.size > 1) yield found('G7', `one key was answered with ${named.size} changes`);

  for (const { heard, heardAt } of attempts) {
    if (heard.is === 'nonsense') {
      yield found(
        'G4',
        `was answered with ${heard.http} ${heard.text}, which says neither what is known nor what is not`,
      );
    }
    if (heard.is !== 'change') continue;
    const change = find(heard.change);
    if (change === undefined) {
      yield found('G6', `was told of change ${heard.change} (${heard.status}), which is not there`);
      continue;
    }
    if (!made.includes(change)) yield found('G7', `was answered with the change of somebody else (${change.id})`);
    const ended = heard.status === 'applied' || heard.status === 'rolled_back';
    if (ended && heard.status !== change.status) {
      yield found('G4', `was told ${heard.status}; change ${change.id} is ${change.status}`);
    }
    if (ended && change.endedAt !== null && change.endedAt > heardAt) {
      yield found('G4', `was told ${heard.status} at ${heardAt}, before it was written at ${change.endedAt}`);
    }
    if (successOf(heard.status) !== heard.success) {
      yield found('G4', `was told ${heard.status} with success ${heard.success}`);
    }
  }

  // Where every answer says that nothing was written, nothing may be there.
  const certain = attempts.every(({ heard }) => heard.is === 'refused' || heard.is === 'nothing_written');
  if (certain && made.length > 0)
    yield found('G4', `was told that nothing was written, and change ${made[0]?.id} is there`);
  const last = attempts.at(-1)?.heard;
  if (story.afterwards.length > 0 && last !== undefined && !isEnd(last)) {
    yield found('G11', `was not told an end with no fault left: ${JSON.stringify(last)}`);
  }
}

function successOf(status: string): boolean | null {
  return status === 'applied' ? true : status === 'rolled_back' ? false : null;
}

function isEnd(heard: Heard): boolean {
  return heard.is === 'refused' || (heard.is === 'change' && successOf(heard.status) !== null);
}

/** Counts the seats in use from what the clients did: each applied change counts once. */
function* judgeUse(evidence: Evidence, byReason: ReadonlyMap<string, readonly ChangeSeen[]>): Generator<Finding> {
  const used = new Map(evidence.organizations.map(({ id, used: atLink }) => [id, atLink]));
  const holders = new Map<string, Map<string, string>>();
  const add = (id: string, seats: number) => used.set(id, (used.get(id) ?? 0) + seats);
  for (const story of evidence.stories) {
    const { want, organization } = story;
    const change = byReason.get(`${organization} story ${story.id}`)?.[0];
    if (change === undefined) continue;
    const seated = holders.get(organization) ?? new Map<string, string>();
    holders.set(organization, seated);
    if (want.kind === 'remove') {
      // The seats are free from the request on; what may be rolled back is only that billing shrinks with them.
      add(organization, -want.quantity);
      for (const holder of want.holders) seated.delete(holder);
      continue;
    }
    if (change.status !== 'applied') continue;
    if (want.kind === 'add' || want.kind === 'assign') {
      add(organization, want.quantity);
      for (const holder of want.holders) seated.set(holder, want.reserve ? 'reserved' : 'assigned');
    }
    if (want.kind === 'transfer') {
      seated.delete(want.from);
      seated.set(want.to, 'assigned');
    }
  }

  const rows = new Map(evidence.rows.map((row) => [row.organization, row]));
  const seen = new Map<string, HolderSeen[]>();
  for (const holder of evidence.holders) {
    seen.set(holder.organization, [...(seen.get(holder.organization) ?? []), holder]);
  }
  for (const { id } of evidence.organizations) {
    const shown = rows.get(id)?.usedSeats;
    if (shown !== used.get(id)) {
      const message = `${used.get(id)} seats are in use by what the clients were told, ${shown} by the view`;
      yield { guarantee: 'G6', organization: id, message };
    }
    const expected = new Map(holders.get(id));
    for (const { holder, state, change } of seen.get(id) ?? []) {
      const wanted = expected.get(holder);
      expected.delete(holder);
      if (wanted === state && change === null) continue;
      const message = `${holder} is ${state}${change === null ? '' : ' and hangs on an open change'}; told was ${wanted ?? 'nothing'}`;
      yield { guarantee: 'G2', organization: id, message };
    }
    for (const [holder, state] of expected) {
      yield { guarantee: 'G6', organization: id, message: `${holder} was told to be ${state} and is not there` };
    }
  }
}
