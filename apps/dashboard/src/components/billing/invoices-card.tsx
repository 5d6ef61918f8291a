'use client';

import { useLocale } from '#components/locale.tsx';
import { Badge, type Tone } from '#components/ui/badge.tsx';
import { Card, CardHint, CardTitle } from '#components/ui/card.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import type { InvoiceBody } from '#features/invoices/contract.ts';
import type { UseInvoices } from '#hooks/use-invoices.ts';
import { useTrouble } from '#hooks/use-trouble.ts';
import { dayOf } from '#lib/day.ts';
import { formatMoney } from '#lib/money.ts';
import { type WhoFailed, whoFailed } from '#lib/who-failed.ts';

/** Stripe's words for an invoice, in ours. One that is not in this list is shown as Stripe says it. */
const standings: Readonly<Record<string, { label: string; tone: Tone }>> = {
  paid: { label: 'Paid', tone: 'fine' },
  open: { label: 'Open', tone: 'caution' },
  draft: { label: 'Being made', tone: 'neutral' },
  void: { label: 'Void', tone: 'neutral' },
  uncollectible: { label: 'Written off', tone: 'stopped' },
};

const kept = 'They are kept at Stripe and will be shown again.';

const unread: Readonly<Record<WhoFailed, string>> = {
  stripe: `Stripe cannot be asked for the invoices just now. ${kept}`,
  database: `The database cannot be read, so it is not known whose invoices to ask for. ${kept}`,
  server: `The server cannot answer just now, so the invoices are not known. ${kept}`,
  offline: `This browser is offline, so the invoices are not known. ${kept}`,
  turned_away: 'The server does not show the invoices to this session any more.',
};

/** What Stripe billed, with links to its own pages. */
export function InvoicesCard({ invoices, className }: { invoices: UseInvoices; className?: string }) {
  const { data } = invoices;
  const trouble = useTrouble(invoices);
  return (
    <Card aria-labelledby="invoices-title" className={className}>
      <CardTitle id="invoices-title">Invoices</CardTitle>
      {data ? (
        data.invoices.length === 0 ? (
          <CardHint>Stripe has billed nothing yet. Each invoice will be listed here.</CardHint>
        ) : (
          <>
            <ul className="mt-3 divide-y">
              {data.invoices.map((invoice) => (
                <InvoiceRow key={invoice.id} invoice={invoice} />
              ))}
            </ul>
            {data.more ? <CardHint>Older ones are on Stripe’s pages.</CardHint> : null}
          </>
        )
      ) : trouble ? (
        <CardHint>{unread[whoFailed(trouble, navigator.onLine)]}</CardHint>
      ) : (
        <div role="status" aria-label="The invoices are being read" className="mt-4 space-y-3">
          <Skeleton className="h-9" />
          <Skeleton className="h-9" />
        </div>
      )}
    </Card>
  );
}

function InvoiceRow({ invoice }: { invoice: InvoiceBody }) {
  const locale = useLocale();
  const standing = (Object.hasOwn(standings, invoice.status) ? standings[invoice.status] : undefined) ?? {
    label: invoice.status,
    tone: 'neutral' as const,
  };
  const name = invoice.number ?? dayOf(invoice.createdAt, locale);
  return (
    <li className="flex items-center justify-between gap-3 py-2.5 text-sm">
      <span className="min-w-0">
        {invoice.url === null ? (
          <span className="block truncate font-medium">{name}</span>
        ) : (
          <a
            href={invoice.url}
            target="_blank"
            rel="noreferrer"
            className="block truncate font-medium text-primary underline-offset-4 hover:underline"
          >
            {name}
            <span className="sr-only"> at Stripe, in a new window</span>
          </a>
        )}
        <span className="block text-muted-foreground text-xs">{dayOf(invoice.createdAt, locale)}</span>
      </span>
      <span className="flex shrink-0 items-center gap-2 tabular-nums">
        {formatMoney(invoice.total, invoice.currency, locale)}
        <Badge tone={standing.tone}>{standing.label}</Badge>
      </span>
    </li>
  );
}
