import { startProduct } from '../demo/product.ts';
import type { StoryReport } from '../demo/report.ts';
import { seconds } from '../demo/stage.ts';
import { tellStories } from '../demo/tell-stories.ts';
import type { Teller } from '../demo/terminal.ts';
import { isDashboardBuilt } from '../supervisor/dashboard-build.ts';
import { StartProblem } from '../supervisor/start-problem.ts';
import type { Tell } from './events.ts';

/** One of the stories of `npm run demo:faults`, on a product of its own, told event by event. */
export async function tellStory(number: number, tell: Tell, signal: AbortSignal): Promise<boolean> {
  // A build would replace the files that the dashboard of whoever looks on is served from.
  if (!isDashboardBuilt()) {
    throw new StartProblem(
      'cannot_be_kept_running',
      'The sources have changed since the dashboard was built. Start it again, and then this story.',
    );
  }
  const product = await startProduct((text) => tell({ is: 'preparing', text }), signal);
  try {
    const [report] = await tellStories(
      product,
      { only: [number], json: false, plant: null, help: false },
      teller(tell),
      signal,
    );
    if (report === undefined) throw new Error(`Bug: there is no story ${number}.`);
    tell({ is: 'ended', ok: report.ok, ...conclusion(report) });
    return report.ok;
  } finally {
    await product.stop();
  }
}

function conclusion({ ok, healed, checks, tookMs }: StoryReport): { title: string; text: string } {
  if (!ok) return { title: 'Something that had to be so was not so.', text: 'The list of checks says what.' };
  const how = healed === null ? '' : `Healed after ${seconds(healed.afterMs)}: ${healed.how}. `;
  return {
    title: 'Every number agrees on both sides.',
    text: `${how}${checks.length} things were checked, in ${seconds(tookMs)}.`,
  };
}

function teller(tell: Tell): Teller {
  const said = (who: string, text: string) => tell({ is: 'said', side: 'seatbelt', who, text });
  return {
    line: (text) => said('Lab', text),
    story: ({ title, broken }) => tell({ is: 'chapter', number: 1, title, text: `Broken: ${broken}` }),
    fact: (label, text) => (label === '' ? undefined : said(label, text)),
    sides: (moment, { database, stripe }) =>
      tell({
        is: 'numbers',
        side: 'seatbelt',
        moment,
        numbers: {
          database: database?.seatCount ?? null,
          stripe,
          settled: database?.settledSeats ?? null,
          open: database?.pushState ?? null,
        },
      }),
    table: ({ checks }) => {
      for (const { ok, what } of checks) tell({ is: 'checked', ok, what });
    },
    // Each failed check is in the table as well.
    check: (ok, what) => (ok ? tell({ is: 'checked', ok, what }) : undefined),
    progress: (text) => tell({ is: 'waiting', text }),
  };
}
