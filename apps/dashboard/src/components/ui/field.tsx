'use client';

import { type ReactNode, useId } from 'react';
import { Label } from './label.tsx';

/** A labelled control with its hint and its complaint, tied together for screen readers. */
export function Field({
  label,
  hint,
  complaint,
  children,
}: {
  label: string;
  hint?: ReactNode;
  complaint?: string | null;
  children: (ids: {
    id: string;
    'aria-describedby': string | undefined;
    'aria-invalid': boolean | undefined;
  }) => ReactNode;
}) {
  const id = useId();
  const hintId = `${id}-hint`;
  const complaintId = `${id}-complaint`;
  const described = [hint ? hintId : null, complaint ? complaintId : null].filter((each) => each !== null).join(' ');
  return (
    <div className="grid gap-1.5">
      <Label htmlFor={id}>{label}</Label>
      {children({ id, 'aria-describedby': described || undefined, 'aria-invalid': complaint ? true : undefined })}
      {hint ? (
        <p id={hintId} className="text-muted-foreground text-sm">
          {hint}
        </p>
      ) : null}
      {complaint ? (
        <p id={complaintId} role="alert" className="min-w-0 break-words text-sm text-stopped">
          {complaint}
        </p>
      ) : null}
    </div>
  );
}
