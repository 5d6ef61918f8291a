import { checkAgreement } from './agreement.ts';
import { linkOrganizations } from './link-organizations.ts';
import type { Options } from './options.ts';
import type { DemoProduct } from './product.ts';
import type { StoryReport } from './report.ts';
import type { Linked } from './sides.ts';
import { Stage, seconds } from './stage.ts';
import { stories } from './stories/index.ts';
import { type Story, StoryFailed } from './story.ts';
import type { Teller } from './terminal.ts';

/** Tells the stories that were asked for, one after another; one that fails does not keep the next from being told. */
export async function tellStories(
  product: DemoProduct,
  options: Options,
  teller: Teller,
  signal: AbortSignal,
): Promise<StoryReport[]> {
  const chosen = stories.filter(({ number }) => options.only.includes(number));
  const linked = await linkOrganizations(product, chosen, signal);
  const reports: StoryReport[] = [];
  for (const [story, about] of linked) {
    reports.push(await tellOne(product, story, about, options.plant === story.number, teller, signal));
  }
  return reports;
}

async function tellOne(
  product: DemoProduct,
  story: Story,
  linked: Linked,
  plant: boolean,
  teller: Teller,
  signal: AbortSignal,
): Promise<StoryReport> {
  const began = performance.now();
  const stage = new Stage(product, story, linked, teller, signal);
  const { report } = stage;
  teller.story(story);
  try {
    await story.tell(stage);
    stage.otherAlerts();
    if (plant) await plantDisagreement(stage, story);
    const agreed = await checkAgreement(stage, story.endsWith);
    teller.table(report);
    if (report.checks.every(({ ok }) => ok)) teller.check(true, agreed);
  } catch (error) {
    // What the world did not do is the story's failure; anything else is a bug of ours, and an end is an end.
    if (!(error instanceof StoryFailed)) throw error;
    teller.table(report);
    stage.expect(error.message, false);
  } finally {
    if (!signal.aborted) await product.simulator.faults.clear();
  }
  report.ok = report.checks.every(({ ok }) => ok);
  report.tookMs = performance.now() - began;
  teller.fact('', `story ${report.ok ? 'told' : 'FAILED'} in ${seconds(report.tookMs)}`);
  return report;
}

/** A hand at Stripe at the worst moment. Whoever looks on must see it: this is how the demo itself is tested. */
async function plantDisagreement(stage: Stage, { endsWith }: Story): Promise<void> {
  const { subscription, item } = stage.linked;
  const quantity = endsWith + 1;
  await stage.product.simulator.admin.foreignQuantityChange({ subscription, item, quantity, by: 'api' });
  stage.note('Planted', `somebody set Stripe's quantity to ${quantity}`);
}
