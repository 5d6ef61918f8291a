'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { Copyable } from '#components/copyable.tsx';
import { Banner } from '#components/ui/banner.tsx';
import { Button } from '#components/ui/button.tsx';
import { Card, CardHint, CardTitle } from '#components/ui/card.tsx';
import { Field } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { sendJson } from '#lib/app-api.ts';
import { troubleOf } from '#lib/trouble.ts';

export function SettingsScreen({
  organization,
  name,
  mayRename,
  leaves,
}: {
  organization: string;
  name: string;
  mayRename: boolean;
  /** Whether the person is a member, and so can leave. */
  leaves: boolean;
}) {
  const router = useRouter();
  const rename = useMutation({
    mutationFn: (wanted: string) => sendJson(organization, 'PATCH', '/api/organization', { name: wanted }),
    onSuccess: () => router.refresh(),
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!rename.isPending) rename.mutate(String(new FormData(event.currentTarget).get('name')));
  }
  return (
    <div className="grid max-w-2xl grid-cols-[minmax(0,1fr)] gap-5">
      <Card aria-labelledby="name-title">
        <CardTitle id="name-title">Organization</CardTitle>
        {mayRename ? (
          <form onSubmit={submit} className="mt-4 grid gap-4">
            <Field label="Name" complaint={rename.error ? troubleOf(rename.error).detail : null}>
              {(ids) => <Input {...ids} name="name" required defaultValue={name} autoComplete="off" />}
            </Field>
            <div className="flex items-center gap-3">
              <Button type="submit" aria-disabled={rename.isPending}>
                Rename
              </Button>
              <p role="status" className="text-muted-foreground text-sm">
                {rename.isSuccess ? 'Renamed.' : ''}
              </p>
            </div>
          </form>
        ) : (
          <CardHint>{name}. Its owners can rename it.</CardHint>
        )}
        <p className="mt-4 border-t pt-4 text-sm">
          <Copyable text={organization} label="Id for the API:" />
        </p>
      </Card>
      {leaves ? <Leave organization={organization} /> : null}
    </div>
  );
}

function Leave({ organization }: { organization: string }) {
  const [asked, setAsked] = useState(false);
  const leave = useMutation({
    mutationFn: () => sendJson(organization, 'DELETE', '/api/organization/membership'),
    onSuccess: () => window.location.assign('/'),
  });
  return (
    <Card aria-labelledby="leave-title">
      <CardTitle id="leave-title">Leave</CardTitle>
      <CardHint>Your seat is free at once. To come back you have to be invited again.</CardHint>
      <div className="mt-4 flex flex-wrap gap-3">
        <Button variant="outline" aria-expanded={asked} onClick={() => setAsked(!asked)}>
          Leave this organization
        </Button>
        {asked ? (
          <Button aria-disabled={leave.isPending} onClick={() => leave.isPending || leave.mutate()}>
            Yes, leave
          </Button>
        ) : null}
      </div>
      <div aria-live="assertive">
        {leave.error ? (
          <Banner tone="stopped" title={troubleOf(leave.error).title} className="mt-4">
            <p>{troubleOf(leave.error).detail}</p>
          </Banner>
        ) : null}
      </div>
    </Card>
  );
}
