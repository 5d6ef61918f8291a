'use client';

import { useRouter } from 'next/navigation';
import { type FormEvent, useId, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Input } from '#components/ui/input.tsx';
import { Label } from '#components/ui/label.tsx';

/** The way to any organization, by its id. */
export function FindOrganization() {
  const id = useId();
  const router = useRouter();
  const [name, setName] = useState('');
  function go(event: FormEvent) {
    event.preventDefault();
    if (name.trim() !== '') router.push(`/operations/${encodeURIComponent(name.trim())}`);
  }
  return (
    <form onSubmit={go} className="flex w-full flex-wrap items-end gap-2 sm:w-auto">
      <div className="min-w-0 grow">
        <Label htmlFor={id} className="block">
          Look at an organization
        </Label>
        <Input id={id} value={name} maxLength={200} onText={setName} className="mt-1 w-full" />
      </div>
      <Button type="submit" variant="outline">
        Open
      </Button>
    </form>
  );
}
