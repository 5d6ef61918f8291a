'use client';

import { useState } from 'react';
import { Button } from '#components/ui/button.tsx';
import type { StaffAction, WrongAccount } from './contract.ts';
import { ReasonForm } from './reason-form.tsx';
import { useStaffAction } from './use-operations.ts';
import { actionWords } from './words.ts';

/** The buttons for one organization, the safest first and marked as such; each asks why. */
export function StaffActions({
  organization,
  actions,
  numbers,
}: {
  organization: string;
  actions: readonly StaffAction[];
  numbers: Pick<WrongAccount, 'observed' | 'expected'>;
}) {
  const [open, setOpen] = useState<StaffAction | null>(null);
  const action = useStaffAction(organization);
  return (
    <div>
      <div className="flex flex-wrap gap-2">
        {actions.map((name, index) => (
          <Button
            key={name}
            size="small"
            variant={index === 0 ? 'primary' : 'outline'}
            aria-expanded={open === name}
            aria-label={`${actionWords(name, numbers).label}, ${organization}`}
            onClick={() => {
              action.reset();
              setOpen(open === name ? null : name);
            }}
          >
            {actionWords(name, numbers).label}
          </Button>
        ))}
      </div>
      {open === null ? null : (
        <ReasonForm
          key={open}
          effect={actionWords(open, numbers).effect}
          confirm={`${actionWords(open, numbers).label} now`}
          busy={action.isPending}
          failed={action.isError ? action.error.message : null}
          onConfirm={(reason) => action.mutate({ action: open, reason }, { onSuccess: () => setOpen(null) })}
          onCancel={() => setOpen(null)}
        />
      )}
    </div>
  );
}
