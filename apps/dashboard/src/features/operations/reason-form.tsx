'use client';

import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Input } from '#components/ui/input.tsx';
import { Label } from '#components/ui/label.tsx';

const shortest = 3;

/** Asks why before anything is done; the reason is kept with what was done. */
export function ReasonForm({
  effect,
  readers,
  confirm,
  busy,
  failed,
  onConfirm,
  onCancel,
}: {
  /** What it does to the money. */
  effect: string;
  /** Who reads the reason besides staff. */
  readers: string;
  confirm: string;
  busy: boolean;
  /** What went wrong with the last try; null: nothing. */
  failed: string | null;
  onConfirm: (reason: string) => void;
  onCancel: () => void;
}) {
  const id = useId();
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  // Whoever opened this goes on here, with a keyboard as well.
  useEffect(() => input.current?.focus(), []);
  const tooShort = reason.trim().length < shortest;
  function submit(event: FormEvent) {
    event.preventDefault();
    setAsked(true);
    if (tooShort) input.current?.focus();
    else if (!busy) onConfirm(reason.trim());
  }
  return (
    <form
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onCancel();
      }}
      className="mt-3 rounded-lg border bg-muted p-3"
    >
      <p className="text-sm">{effect}</p>
      <Label htmlFor={id} className="mt-3 block">
        Reason, kept in the audit trail
      </Label>
      <Input
        ref={input}
        id={id}
        value={reason}
        maxLength={200}
        aria-describedby={`${id}-readers ${id}-hint`}
        aria-invalid={asked && tooShort}
        onText={setReason}
        className="mt-1 w-full bg-card"
      />
      <p id={`${id}-readers`} className="mt-1 text-sm">
        {readers}
      </p>
      <p id={`${id}-hint`} aria-live="polite" className="mt-1 min-h-[1lh] text-caution text-sm">
        {asked && tooShort ? 'Say why in a few words. Nothing was done yet.' : ''}
      </p>
      <div className="mt-2 flex flex-wrap gap-2">
        <Button type="submit" size="small" aria-disabled={busy}>
          {confirm}
        </Button>
        <Button variant="quiet" size="small" onClick={onCancel}>
          Cancel
        </Button>
      </div>
      {failed === null ? null : (
        <p role="alert" className="mt-2 text-sm text-stopped">
          {failed}
        </p>
      )}
    </form>
  );
}
