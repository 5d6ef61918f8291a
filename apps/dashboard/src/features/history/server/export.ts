import type { HistoryEntry, HistoryQuery } from 'seatbelt';
import { logger } from '#server/logger.ts';
import { seatbelt } from '#server/seatbelt.ts';
import { csvHead, csvLine } from './csv.ts';

/** Changes that are read at a time: large enough that 100,000 are out in a few seconds, small enough to be nothing in memory. */
const pageSize = 500;

type Format = 'csv' | 'jsonl';

/** What is looked for, without where and how much. */
type HistoryFilter = Omit<HistoryQuery, 'before' | 'limit' | 'audit'>;

/** The history as a file, written while it is read. JSONL has the audit entries of each change along, CSV one line per change. */
export async function exportHistory(organization: string, format: Format, filter: HistoryFilter): Promise<Response> {
  const lines = linesOf(organization, format, filter);
  // The first part is read before anything is answered, so that a failure is still told as one.
  const first = await lines.next();
  const encoder = new TextEncoder();
  let ahead: IteratorResult<string> | null = first;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value }: IteratorResult<string> = ahead ?? (await lines.next());
        ahead = null;
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch (error) {
        // A file that is cut off must not look like a whole one: the download fails.
        logger.error({ err: error, organization }, 'An export of the history broke off.');
        controller.error(error);
      }
    },
    cancel: () => void lines.return(undefined),
  });
  const name = `seats-${organization.replaceAll(/[^\w-]/g, '_')}-${new Date().toISOString().slice(0, 10)}.${format}`;
  return new Response(body, {
    headers: {
      'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8',
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    },
  });
}

async function* linesOf(organization: string, format: Format, filter: HistoryFilter): AsyncGenerator<string> {
  if (format === 'csv') yield csvHead;
  let before: number | null = null;
  do {
    const page: Awaited<ReturnType<ReturnType<typeof seatbelt>['history']>> = await seatbelt().history(organization, {
      ...filter,
      before,
      limit: pageSize,
      audit: format === 'jsonl',
    });
    if (page.entries.length > 0) yield page.entries.map(format === 'csv' ? csvLine : jsonLine).join('');
    before = page.before;
  } while (before !== null);
}

function jsonLine(entry: HistoryEntry): string {
  return `${JSON.stringify(entry)}\n`;
}
