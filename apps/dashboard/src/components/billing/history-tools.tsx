'use client';

import { SlidersHorizontalIcon } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { Input } from '#components/ui/input.tsx';
import { Label } from '#components/ui/label.tsx';
import { Select } from '#components/ui/select.tsx';
import { addressOf, type HistoryFilters, kinds, queryOf, statuses } from '#features/history/filters.ts';

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
  // One who comes by a link that filters sees by what; after that it stays as it was left.
  const [openAtFirst] = useState(() => addressOf({ ...filters, search: '' }).size > 0);
  return (
    <div className="mt-3 flex flex-wrap items-center gap-x-3 gap-y-2 px-5 sm:px-6">
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
        onText={(search) => onFilters({ ...filters, search })}
      />
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
      <details className="w-full" open={openAtFirst}>
        <summary className="inline-flex cursor-pointer list-none items-center gap-1.5 rounded text-muted-foreground text-sm underline-offset-4 hover:text-foreground hover:underline [&::-webkit-details-marker]:hidden">
          <SlidersHorizontalIcon aria-hidden className="size-4" />
          Filter by outcome, kind and day
        </summary>
        <div className="mt-3 grid grid-cols-[minmax(0,1fr)] gap-3 min-[24rem]:grid-cols-2 md:grid-cols-4">
          <Part id={`${id}-status`} label="Which changes">
            <Choice
              id={`${id}-status`}
              options={statuses}
              value={filters.status}
              onChange={(status) => onFilters({ ...filters, status })}
            />
          </Part>
          <Part id={`${id}-kind`} label="Kind">
            <Choice
              id={`${id}-kind`}
              options={kinds}
              value={filters.kind}
              onChange={(kind) => onFilters({ ...filters, kind })}
            />
          </Part>
          <Part id={`${id}-from`} label="From">
            <Input
              id={`${id}-from`}
              type="date"
              className="h-9"
              max={filters.to || undefined}
              value={filters.from}
              onText={(from) => onFilters({ ...filters, from })}
            />
          </Part>
          <Part id={`${id}-to`} label="To">
            <Input
              id={`${id}-to`}
              type="date"
              className="h-9"
              min={filters.from || undefined}
              value={filters.to}
              onText={(to) => onFilters({ ...filters, to })}
            />
          </Part>
        </div>
      </details>
    </div>
  );
}

function Part({ id, label, children }: { id: string; label: string; children: ReactNode }) {
  return (
    <div className="grid gap-1">
      <Label htmlFor={id} className="font-normal text-muted-foreground text-xs">
        {label}
      </Label>
      {children}
    </div>
  );
}

function Choice<Value extends string>({
  id,
  options,
  value,
  onChange,
}: {
  id: string;
  options: readonly (readonly [Value, string])[];
  value: Value;
  onChange: (value: Value) => void;
}) {
  return (
    <Select
      id={id}
      className="h-9 w-full"
      value={value}
      onChoice={(name) => {
        const chosen = options.find(([option]) => option === name);
        if (chosen) onChange(chosen[0]);
      }}
    >
      {options.map(([option, label]) => (
        <option key={option} value={option}>
          {label}
        </option>
      ))}
    </Select>
  );
}

function exportAddress(organization: string, filters: HistoryFilters, format: 'csv' | 'jsonl'): string {
  const query = queryOf(filters);
  query.set('organization', organization);
  query.set('format', format);
  return `/api/billing/history/export?${query}`;
}
