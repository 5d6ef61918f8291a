'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Field } from '#components/ui/field.tsx';
import { Input } from '#components/ui/input.tsx';
import { sendJson } from '#lib/app-api.ts';
import { troubleOf } from '#lib/trouble.ts';
import type { OrganizationBody } from './contract.ts';

export function NewOrganizationForm() {
  const [complaint, setComplaint] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy) return;
    const name = String(new FormData(event.currentTarget).get('name'));
    setBusy(true);
    try {
      const { id } = await sendJson<OrganizationBody>(null, 'POST', '/api/organizations', { name });
      window.location.assign(`/organizations/${encodeURIComponent(id)}/billing`);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      setComplaint(troubleOf(error, 'makes_another').detail);
      setBusy(false);
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-4">
      <Field label="Name" complaint={complaint}>
        {(ids) => <Input {...ids} name="name" required autoComplete="organization" />}
      </Field>
      <Button type="submit" aria-disabled={busy}>
        Found it
      </Button>
    </form>
  );
}
