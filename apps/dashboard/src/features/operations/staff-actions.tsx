'use client';

import { useRef, useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import type { NumbersShown, StaffAction } from './contract.ts';
import { ReasonForm } from './reason-form.tsx';
import { useStaffAction } from './use-operations.ts';
import { actionWords } from './words.ts';

/** The buttons for one organization, the safest first and marked as such; each asks why. */
export function StaffActions({
  organization,
  actions,
  numbers,
  afterwards,
}: {
  organization: string;
  actions: readonly StaffAction[];
  numbers: NumbersShown;
  /** The id of what has the focus when it is done: the buttons are gone then, or are others. */
  afterwards: string;
}) {
  // The numbers stay those that were on the button, whatever is read meanwhile: they are what is decided about.
  const [open, setOpen] = useState<{ readonly name: StaffAction; readonly numbers: NumbersShown } | null>(null);
  const action = useStaffAction(organization);
  const buttons = useRef<HTMLFieldSetElement>(null);
  const close = () => {
    // Back to the button that opened it, so that a keyboard does not begin again at the top of the page.
    buttons.current?.querySelector<HTMLElement>('[aria-expanded="true"]')?.focus();
    setOpen(null);
  };
  const done = () => {
    setOpen(null);
    document.getElementById(afterwards)?.focus();
  };
  return (
    <fieldset ref={buttons} className="min-w-0">
      <legend className="sr-only">What can be done about {organization}, the safest first</legend>
      <div className="flex flex-wrap items-center gap-2">
        {actions.length > 1 ? (
          <span aria-hidden className="text-muted-foreground text-sm">
            Safest first:
          </span>
        ) : null}
        {actions.map((name, index) => (
          <Button
            key={name}
            size="small"
            variant={index === 0 ? 'primary' : 'outline'}
            aria-expanded={open?.name === name}
            aria-label={`${actionWords(name, numbers).label}, ${organization}`}
            onClick={() => {
              action.reset();
              setOpen(open?.name === name ? null : { name, numbers });
            }}
          >
            {actionWords(name, numbers).label}
          </Button>
        ))}
      </div>
      {open === null ? null : (
        <ReasonForm
          key={open.name}
          effect={actionWords(open.name, open.numbers).effect}
          readers={actionWords(open.name, open.numbers).readers}
          confirm={`${actionWords(open.name, open.numbers).label} now`}
          busy={action.isPending}
          failed={action.isError ? action.error.message : null}
          onConfirm={(reason) => {
            const { observed, expected } = open.numbers;
            action.mutate({ action: open.name, reason, observed, expected }, { onSuccess: done });
          }}
          onCancel={close}
        />
      )}
    </fieldset>
  );
}
