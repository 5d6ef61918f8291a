import { type Answer, doorsOf } from '../doors.ts';
import { seconds } from '../stage.ts';
import type { Story } from '../story.ts';

const callers = 200;
// A first push by each server may go alone; everybody else rides in the few that follow.
const callsAllowed = 10;

export const twoServers: Story = {
  number: 5,
  title: `Two servers, ${callers} callers at once, one organization`,
  broken: 'nothing, but Stripe takes 300 ms for each write, and every caller adds one seat beyond what is bought.',
  seats: 10,
  used: 10,
  endsWith: 10 + callers,
  async tell(stage) {
    const { product, linked, signal } = stage;
    await stage.both('before');
    const second = await product.startSecondServer();
    const doors = [product.url, second.url].map((url) => doorsOf(url, product.apiKey, linked.organization, signal));
    const slow = await stage.breakWrites({ kind: 'delay_before', delayMs: 300, times: Number.POSITIVE_INFINITY });

    const since = performance.now();
    const asked = Promise.all(
      Array.from({ length: callers }, (_, index) => doors[index % 2]?.post({ action: 'add', quantity: 1 })),
    );
    await stage.waitFor('The first push', 10_000, async () => (await stage.sides()).database?.pushState != null);
    await stage.both('while it goes on');
    const answers = (await asked).filter((answer) => answer !== undefined);
    const tookMs = performance.now() - since;
    await product.simulator.faults.remove(slow);
    await second.stop();

    stage.note(
      'Callers',
      `${callers} x POST add 1, half to each of two server processes\n  -> ${tally(answers)} (${seconds(tookMs)} for all)`,
    );
    stage.expect(
      'every caller is told 200, applied, success true',
      answers.every(isApplied) && answers.length === callers,
    );
    const writes = await stage.writes();
    stage.note('Stripe', `${writes.length} writes for ${callers} changes: those that wait ride together`);
    stage.expect(
      `a handful of Stripe calls, at most ${callsAllowed} (${writes.length})`,
      writes.length <= callsAllowed,
    );
    stage.report.healed = null;
  },
};

function isApplied({ httpStatus, status, success }: Answer): boolean {
  return httpStatus === 200 && status === 'applied' && success === true;
}

/** `200 x 200 applied`, or what else there was. */
function tally(answers: Answer[]): string {
  const counts = new Map<string, number>();
  for (const { httpStatus, status, code, success } of answers) {
    const said = [httpStatus, status, code, success === undefined ? null : `success ${success}`]
      .filter((word) => word !== null)
      .join(', ');
    counts.set(said, (counts.get(said) ?? 0) + 1);
  }
  return [...counts].map(([said, count]) => `${count} x ${said}`).join('; ');
}
