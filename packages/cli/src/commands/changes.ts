import type { ChangeBody, ChangeDetailBody } from 'seatbelt';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import { wholeNumber } from '../options.ts';
import { printJson } from '../output/json.ts';
import { table } from '../output/table.ts';
import { moment } from '../output/times.ts';
import type { Program } from '../run.ts';
import { UsageError } from '../usage-error.ts';
import { withSeatbelt } from '../with-seatbelt.ts';

interface Options extends CommonOptions {
  readonly limit: number;
  readonly before?: number;
}

/** `seatbelt changes <organization> [id]`: what was asked for, and what became of it. */
export function changesCommand({ commander, io }: Program): void {
  defineCommand(
    commander,
    'changes <organization> [id]',
    'list changes, newest first; or one with its push and audit trail',
  )
    .option('--limit <n>', 'how many', wholeNumber(1, 500), 50)
    .option('--before <number>', 'older ones than this; the page before says where to go on', wholeNumber(1, 1e15))
    .action(async (organization: string, id: string | undefined, options: Options) => {
      if (id !== undefined && options.before !== undefined) {
        throw new UsageError('--before is for lists; it does not go with the id of one change.');
      }
      // Reading one change does first what is due, as every reading of an organization does; a list is only read.
      const stripe = id === undefined ? 'optional' : 'required';
      await withSeatbelt(io, { stripe, verbose: options.verbose }, async (seatbelt) => {
        if (id === undefined) {
          const page = await seatbelt.changes(organization, { limit: options.limit, before: options.before ?? null });
          if (options.json) return printJson(io, page);
          return io.out(listText(organization, page, options.before !== undefined));
        }
        const detail = await seatbelt.change(organization, id);
        if (detail === null) {
          const sentence = `${organization} has no change ${id}. \`seatbelt changes ${organization}\` lists them.`;
          throw new UsageError(sentence, 'unknown_change');
        }
        return options.json ? printJson(io, detail) : io.out(detailText(detail));
      });
    });
}

function listText(
  organization: string,
  page: { readonly changes: readonly ChangeBody[]; readonly before: number | null },
  later: boolean,
): string {
  if (page.changes.length === 0) return later ? 'There are no older changes.\n' : 'There are no changes yet.\n';
  const rows = page.changes.map((change) => [
    moment(Date.parse(change.requestedAt)),
    change.kind,
    String(change.quantity),
    `${change.seatsBefore} → ${change.seatsAfter}`,
    change.status + (change.code === null ? '' : ` (${change.code})`),
    change.actor,
    change.id,
  ]);
  const columns = [
    { title: 'requested' },
    { title: 'kind' },
    { title: 'quantity', align: 'right' as const },
    { title: 'seats', align: 'right' as const },
    { title: 'status' },
    { title: 'by' },
    { title: 'id' },
  ];
  const more = page.before === null ? '' : `\nOlder ones: seatbelt changes ${organization} --before ${page.before}\n`;
  return table(columns, rows) + more;
}

function detailText({ change, push, audit }: ChangeDetailBody): string {
  const lines = [
    `${change.kind} ${change.quantity}: ${change.status}${change.code === null ? '' : ` (${change.code})`}`,
    `  id         ${change.id}`,
    `  seats      ${change.seatsBefore} → ${change.seatsAfter}`,
    `  requested  ${moment(Date.parse(change.requestedAt))} by ${change.actor}${change.reason === null ? '' : `: ${change.reason}`}`,
    ...(change.endedAt === null ? [] : [`  ended      ${moment(Date.parse(change.endedAt))}`]),
    ...(change.message === null ? [] : [`  why        ${change.message}`]),
    ...(change.supersededBy === null ? [] : [`  superseded by ${change.supersededBy}`]),
  ];
  if (push !== null) {
    lines.push(
      `  push       ${push.id}: quantity ${push.fromQuantity} → ${push.targetQuantity}, ${push.state}${push.code === null ? '' : ` (${push.code})`}`,
      ...(push.stripeRequestId === null ? [] : [`  Stripe     request ${push.stripeRequestId}`]),
    );
  }
  lines.push('', 'Audit trail:');
  for (const entry of audit) {
    const counts =
      entry.seatCountBefore === entry.seatCountAfter && entry.settledBefore === entry.settledAfter
        ? ''
        : ` [seats ${entry.seatCountBefore} → ${entry.seatCountAfter}, confirmed ${entry.settledBefore} → ${entry.settledAfter}]`;
    const request = entry.stripeRequestId === null ? '' : ` (${entry.stripeRequestId})`;
    lines.push(
      `  ${String(entry.sequence).padStart(4)}  ${moment(Date.parse(entry.at))}  ${entry.kind}: ${entry.note}${request}${counts}`,
    );
  }
  return lines.map((line) => `${line}\n`).join('');
}
