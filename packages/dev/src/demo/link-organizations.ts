import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine } from './command-line.ts';
import type { DemoProduct } from './product.ts';
import type { Linked } from './sides.ts';
import type { Story } from './story.ts';

/** A customer with a subscription for each story, adopted by the command line as a new host would adopt his own. */
export async function linkOrganizations(
  product: DemoProduct,
  stories: Story[],
  signal: AbortSignal,
): Promise<Map<Story, Linked>> {
  const linked = new Map<Story, Linked>();
  for (const story of stories) {
    const made = await product.simulator.admin.createDemoSubscription({ quantity: story.seats });
    linked.set(story, {
      organization: `org_story_${story.number}`,
      subscription: made.subscription.id,
      item: made.item.id,
      customer: made.customer.id,
    });
  }
  const rows = [...linked].map(([{ used }, { organization, subscription, item }]) =>
    [organization, subscription, item, used].join(','),
  );
  const folder = await mkdtemp(join(tmpdir(), 'seatbelt-demo-link-'));
  try {
    const file = join(folder, 'organizations.csv');
    await writeFile(file, `organization,subscription,item,used\n${rows.join('\n')}\n`);
    const { code, said, complained } = await commandLine(
      product.environment,
      ['link', '--file', file, '--reason', 'demo:faults'],
      signal,
    );
    if (code !== 0) throw new Error(`seatbelt link failed:\n${said}${complained}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return linked;
}
