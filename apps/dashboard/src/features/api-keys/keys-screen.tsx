'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef, useState } from 'react';
import { Copyable } from '#components/copyable.tsx';
import { Time } from '#components/time.tsx';
import { Badge } from '#components/ui/badge.tsx';
import { Banner } from '#components/ui/banner.tsx';
import { Button } from '#components/ui/button.tsx';
import { Card, CardHint, CardTitle } from '#components/ui/card.tsx';
import { Field } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { Select } from '#components/ui/select.tsx';
import { Skeleton } from '#components/ui/skeleton.tsx';
import { readJson, sendJson } from '#lib/app-api.ts';
import { passFocus } from '#lib/pass-focus.ts';
import { troubleOf } from '#lib/trouble.ts';
import type { ApiKeyBody, ApiKeysBody, NewKeyBody } from './contract.ts';

const keysKey = (organization: string) => ['keys', organization] as const;

/** The keys with which programs of this organization read and change its seats. */
export function KeysScreen({ organization }: { organization: string }) {
  const [revoked, setRevoked] = useState<string | null>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const keys = useQuery({
    queryKey: keysKey(organization),
    queryFn: ({ signal }) => readJson<ApiKeysBody>(organization, '/api/keys', signal),
  });
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5 lg:grid-cols-[minmax(0,1fr)_22rem] lg:items-start">
      <Card aria-labelledby="keys-title">
        <CardTitle ref={title} id="keys-title" tabIndex={-1}>
          Keys in use
        </CardTitle>
        <p role="status" className="text-muted-foreground text-sm wrap-anywhere">
          {revoked === null ? '' : `${revoked} was revoked.`}
        </p>
        {keys.isPending ? (
          <Skeleton className="mt-4 h-14" />
        ) : keys.isError ? (
          <p className="mt-3 text-muted-foreground text-sm">{troubleOf(keys.error).detail}</p>
        ) : keys.data.keys.length === 0 ? (
          <CardHint>
            There is none. A key lets a program of yours read or change the seats of this organization, and of no other.
          </CardHint>
        ) : (
          <ul className="mt-3 divide-y">
            {keys.data.keys.map((key) => (
              <Key
                key={key.id}
                organization={organization}
                apiKey={key}
                onRevoked={(row) => {
                  passFocus(row, title.current);
                  setRevoked(key.name);
                }}
              />
            ))}
          </ul>
        )}
      </Card>
      <NewKey organization={organization} />
    </div>
  );
}

function NewKey({ organization }: { organization: string }) {
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: (asked: { name: string; may: string }) =>
      sendJson<NewKeyBody>(organization, 'POST', '/api/keys', asked),
    onSettled: () => client.invalidateQueries({ queryKey: keysKey(organization) }),
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (create.isPending) return;
    const form = event.currentTarget;
    const data = new FormData(form);
    const asked = { name: String(data.get('name')), may: String(data.get('may')) };
    // The name of a next key that is being typed already stays.
    const onSuccess = () => {
      if (new FormData(form).get('name') === asked.name) form.reset();
    };
    create.mutate(asked, { onSuccess });
  }
  return (
    <Card aria-labelledby="new-key-title">
      <CardTitle id="new-key-title">New key</CardTitle>
      <form onSubmit={submit} className="mt-4 grid gap-4">
        <Field label="Name" hint="Which program will have it.">
          {(ids) => <Input {...ids} name="name" required autoComplete="off" />}
        </Field>
        <Field label="It may">
          {(ids) => (
            <Select {...ids} name="may">
              <option value="read">Read seats</option>
              <option value="change">Read and change seats</option>
            </Select>
          )}
        </Field>
        <Button type="submit" aria-disabled={create.isPending}>
          Make the key
        </Button>
      </form>
      <div aria-live="polite" className="mt-4">
        {create.data ? (
          <Banner title="Copy it now. It is not shown again.">
            <Copyable text={create.data.key} label={create.data.created.name} />
          </Banner>
        ) : null}
        {create.error ? (
          <Banner tone="stopped" title={troubleOf(create.error).title}>
            <p>{troubleOf(create.error, 'makes_another').detail}</p>
          </Banner>
        ) : null}
      </div>
    </Card>
  );
}

function Key({
  organization,
  apiKey,
  onRevoked,
}: {
  organization: string;
  apiKey: ApiKeyBody;
  /** Called with the row as soon as it is revoked; a moment later the row is gone. */
  onRevoked: (row: HTMLElement | null) => void;
}) {
  const client = useQueryClient();
  const row = useRef<HTMLLIElement>(null);
  const [asked, setAsked] = useState(false);
  const revoke = useMutation({
    mutationFn: () => sendJson(organization, 'DELETE', `/api/keys/${apiKey.id}`),
    onSuccess: () => onRevoked(row.current),
    onSettled: () => client.invalidateQueries({ queryKey: keysKey(organization) }),
  });
  return (
    <li ref={row} className="grid grid-cols-[minmax(0,1fr)_auto] items-start gap-3 py-3">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2 font-medium text-sm">
          <span className="wrap-anywhere">{apiKey.name}</span>
          <Badge tone={apiKey.scopes.includes('seats:change') ? 'accent' : 'neutral'}>
            {apiKey.scopes.includes('seats:change') ? 'Reads and changes' : 'Reads'}
          </Badge>
        </p>
        <p className="mt-0.5 break-all font-mono text-muted-foreground text-xs">{apiKey.hint}…</p>
        <p className="mt-0.5 text-muted-foreground text-sm">
          Made by {apiKey.createdBy}, <Time at={apiKey.createdAt} />.{' '}
          {apiKey.lastUsedAt === null ? (
            'Never used.'
          ) : (
            <>
              Last used <Time at={apiKey.lastUsedAt} />.
            </>
          )}
        </p>
        {asked ? (
          <p className="mt-2 flex flex-wrap items-center gap-2 text-sm">
            Programs with it are turned away at once.
            <Button size="small" aria-disabled={revoke.isPending} onClick={() => revoke.isPending || revoke.mutate()}>
              <span className="truncate">Revoke {apiKey.name}</span>
            </Button>
          </p>
        ) : null}
        {revoke.error ? (
          <p role="alert" className="mt-2 text-sm text-stopped">
            {troubleOf(revoke.error).detail}
          </p>
        ) : null}
      </div>
      <Button size="small" variant="outline" aria-expanded={asked} onClick={() => setAsked(!asked)}>
        Revoke<span className="sr-only"> {apiKey.name}</span>
      </Button>
    </li>
  );
}
