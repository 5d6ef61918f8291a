'use client';

import { useId } from 'react';
import { Input } from '#components/ui/input.tsx';
import { Label } from '#components/ui/label.tsx';
import { Select } from '#components/ui/select.tsx';
import { type HistoryFilters, queryOf } from '#features/history/contract.ts';

const ends: readonly (readonly [HistoryFilters['status'], string])[] = [
  ['', 'All changes'],
  ['open', 'Still open'],
  ['applied', 'Applied'],
  ['rolled_back', 'Rolled back'],
];

/** Finding a change, and taking what was found along as a file. */
export function HistoryTools({
  organization,
  filters,
  asked,
  onFilters,
}: {
  organization: string;
  filters: HistoryFilters;
  /** The filters of what is listed: the file holds the same. */
  asked: HistoryFilters;
  onFilters: (filters: HistoryFilters) => void;
}) {
  const id = useId();
  return (
    <div className="mt-3 flex flex-wrap items-center gap-2 px-5 sm:px-6">
      <Label htmlFor={`${id}-search`} className="sr-only">
        Search the history
      </Label>
      <Input
        id={`${id}-search`}
        type="search"
        autoComplete="off"
        maxLength={200}
        placeholder="Who, why, code, Stripe request"
        className="h-9 max-w-72 basis-48 grow"
        value={filters.search}
        onChange={(event) => onFilters({ ...filters, search: event.target.value })}
      />
      <Label htmlFor={`${id}-status`} className="sr-only">
        Which changes
      </Label>
      <Select
        id={`${id}-status`}
        className="h-9"
        value={filters.status}
        onChange={(event) => {
          const chosen = ends.find(([status]) => status === event.target.value);
          if (chosen) onFilters({ ...filters, status: chosen[0] });
        }}
      >
        {ends.map(([status, label]) => (
          <option key={status} value={status}>
            {label}
          </option>
        ))}
      </Select>
      <span className="flex gap-3 text-sm">
        {(['csv', 'jsonl'] as const).map((format) => (
          <a
            key={format}
            download
            href={exportAddress(organization, asked, format)}
            className="text-primary underline-offset-4 hover:underline"
          >
            <span className="sr-only">Export as </span>
            {format.toUpperCase()}
          </a>
        ))}
      </span>
    </div>
  );
}

function exportAddress(organization: string, filters: HistoryFilters, format: 'csv' | 'jsonl'): string {
  const query = queryOf(filters);
  query.set('organization', organization);
  query.set('format', format);
  return `/api/billing/history/export?${query}`;
}
