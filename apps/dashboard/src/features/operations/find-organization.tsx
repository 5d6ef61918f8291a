'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Input } from '#components/ui/input.tsx';
import { Label } from '#components/ui/label.tsx';
import { Problem } from '#lib/api.ts';
import { quoted } from '#lib/quoted.ts';
import { troubleOf } from '#lib/trouble.ts';
import { useLookUp } from './use-operations.ts';

/** The way to any organization, by its id. */
export function FindOrganization() {
  const id = useId();
  const router = useRouter();
  const lookUp = useLookUp();
  const [name, setName] = useState('');
  const [complaint, setComplaint] = useState('');
  async function go(event: FormEvent) {
    event.preventDefault();
    const organization = name.trim();
    if (organization === '') return;
    const none = `There is no organization ${quoted(organization)}.`;
    setComplaint('');
    // Dots alone lead elsewhere in an address, so nothing that is called so can be opened.
    if (/^\.+$/.test(organization)) {
      setComplaint(none);
      return;
    }
    try {
      await lookUp(organization);
      router.push(`/operations/${encodeURIComponent(organization)}`);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      setComplaint(
        error instanceof Problem && error.body.code === 'unknown_organization' ? none : troubleOf(error).detail,
      );
    }
  }
  return (
    <form onSubmit={(event) => void go(event)} className="flex w-full flex-wrap items-end gap-2 sm:w-auto">
      <div className="min-w-0 grow">
        <Label htmlFor={id} className="block">
          Look at an organization
        </Label>
        <Input
          id={id}
          value={name}
          maxLength={200}
          aria-describedby={`${id}-complaint`}
          aria-invalid={complaint !== ''}
          onText={(text) => {
            setName(text);
            setComplaint('');
          }}
          className="mt-1 w-full"
        />
      </div>
      <Button type="submit" variant="outline">
        Open
      </Button>
      <p id={`${id}-complaint`} aria-live="polite" className="w-0 min-w-full text-sm text-stopped wrap-anywhere">
        {complaint}
      </p>
    </form>
  );
}
