import { createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { SweepFinding, SweepReport } from 'seatbelt';
import { UsageError } from '../usage-error.ts';
import { answerWords } from './finding-text.ts';

export type ReportFormat = 'json' | 'html';

/** @throws UsageError for a file name that says neither. */
export function reportFormat(file: string): ReportFormat {
  const format = /\.(json|html)$/i.exec(file)?.[1]?.toLowerCase();
  if (format === 'json' || format === 'html') return format;
  throw new UsageError('--report needs a file name that ends in .json or .html.');
}

/** Before anything is done, because a report that cannot be written afterwards would leave nobody knowing what was. @throws UsageError */
export async function checkReportFile(file: string): Promise<void> {
  try {
    // No empty report stays behind where the sweep fails. Whatever is there already, a link as well, stays.
    await (await open(file, 'ax')).close();
    await rm(file);
    return;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw unwritable(file, error);
  }
  try {
    await (await open(file, 'a')).close();
  } catch (error) {
    throw unwritable(file, error);
  }
}

function unwritable(file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error)) return error;
  return new UsageError(`--report: ${file} cannot be written (${error.message}). Nothing was done.`);
}

/** Writes finding by finding, so that a report of a hundred thousand of them takes no memory. */
export async function writeReport(
  file: string,
  format: ReportFormat,
  report: SweepReport,
  findings: AsyncIterable<SweepFinding>,
): Promise<void> {
  const text = format === 'json' ? jsonReport(report, findings) : htmlReport(report, findings);
  await pipeline(Readable.from(text), createWriteStream(file));
}

async function* jsonReport(report: SweepReport, findings: AsyncIterable<SweepFinding>): AsyncGenerator<string> {
  yield `{"sweep":${JSON.stringify(report)},\n"findings":[`;
  let separator = '\n';
  for await (const finding of findings) {
    yield `${separator}${JSON.stringify(finding)}`;
    separator = ',\n';
  }
  yield '\n]}\n';
}

/** One page without a script or anything loaded from elsewhere, so that it can be mailed and kept. */
async function* htmlReport(report: SweepReport, findings: AsyncIterable<SweepFinding>): AsyncGenerator<string> {
  const title = `Seatbelt sweep of ${report.startedAt.slice(0, 16).replace('T', ' ')} UTC`;
  yield `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #1a1a1a; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.6rem; border-bottom: 1px solid #ddd; }
  td.number { text-align: right; font-variant-numeric: tabular-nums; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; }
  dd { margin: 0; }
  @media (prefers-color-scheme: dark) { body { background: #161616; color: #eee; } th, td { border-color: #444; } }
</style>
<h1>${escaped(title)}</h1>
<dl>
  <dt>State</dt><dd>${report.state}${report.dryRun ? ', dry run: nothing was changed' : ''}</dd>
  <dt>Subscriptions compared</dt><dd>${report.subscriptions} (${report.linked} linked, ${report.unlinked} not)</dd>
  <dt>List calls, single reads</dt><dd>${report.pages}, ${report.rereads}</dd>
  <dt>Accounts changed</dt><dd>${report.repairs} of ${report.repairLimit} allowed</dd>
  <dt>Finished</dt><dd>${report.finishedAt ?? 'not yet'}</dd>
</dl>
<table>
<thead><tr><th>Organization</th><th>Subscription</th><th>What</th><th>Agreed on</th><th>Stripe shows</th><th>Why</th><th>Answer</th></tr></thead>
<tbody>
`;
  let any = false;
  for await (const finding of findings) {
    any = true;
    const cells = [finding.organization ?? '', finding.subscription ?? '', finding.kind.replaceAll('_', ' ')];
    const numbers = [finding.expectedQuantity, finding.observedQuantity];
    const words = [finding.note, answerWords[finding.answer]];
    yield `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}${numbers
      .map((number) => `<td class="number">${number ?? ''}</td>`)
      .join('')}${words.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>\n`;
  }
  if (!any) yield '<tr><td colspan="7">Both sides agree.</td></tr>\n';
  yield '</tbody>\n</table>\n</html>\n';
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
