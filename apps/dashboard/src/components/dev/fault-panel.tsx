'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId } from 'react';
import { Button } from '#components/ui/button.tsx';
import { Card, CardHint, CardTitle } from '#components/ui/card.tsx';
import { Label } from '#components/ui/label.tsx';
import { Switch } from '#components/ui/switch.tsx';
import { cn } from '#lib/class-names.ts';
import { type FaultName, type FaultStanding, type FaultsBody, faultNames } from '#lib/faults.ts';

const words: Record<FaultName, { label: string; hint: Record<FaultStanding, string> }> = {
  stripe_down: {
    label: 'Stripe down',
    hint: {
      off: 'Every connection to Stripe is dropped.',
      armed: 'Every connection to Stripe is dropped.',
      on: 'On: every connection to Stripe is dropped.',
    },
  },
  answers_lost: {
    label: 'Stripe answers lost',
    hint: {
      off: 'Stripe does what it is asked, and its answer never arrives.',
      armed: 'Stripe does what it is asked, and its answer never arrives.',
      on: 'On: Stripe does what it is asked, and its answer never arrives.',
    },
  },
  card_declines: {
    label: 'Card declines',
    hint: {
      off: 'Stripe refuses each change with a declined card.',
      armed: 'Stripe refuses each change with a declined card.',
      on: 'On: Stripe refuses each change with a declined card.',
    },
  },
  database_down: {
    label: 'Database down after Stripe refuses',
    hint: {
      off: 'The next change is declined, and the database goes away before that can be written down.',
      armed: 'Armed: change the seats now. It strikes once.',
      on: 'On: this server is cut off from its database for some seconds.',
    },
  },
};

/** The demo's switches. They break the simulator and this server's connections, never a real Stripe. */
export function FaultPanel({ className }: { className?: string }) {
  const queryClient = useQueryClient();
  const faults = useQuery({ queryKey: ['faults'], queryFn: ({ signal }) => call({ signal }), refetchInterval: 3_000 });
  const change = useMutation({
    mutationFn: (body: { fault: FaultName; on: boolean } | { mend: true }) =>
      call({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    onSuccess: async (body) => {
      // A read that began before the switch would show it as it was, and what shows nothing to mend mends nothing.
      await queryClient.cancelQueries({ queryKey: ['faults'] });
      queryClient.setQueryData(['faults'], body);
    },
  });
  const standing = faults.data?.faults;
  const anything = standing !== undefined && faultNames.some((name) => standing[name] !== 'off');
  return (
    <Card aria-labelledby="faults-title" className={cn('border-dashed bg-transparent shadow-none', className)}>
      <CardTitle id="faults-title">Break something</CardTitle>
      <CardHint>Only in the demo. Switch a fault on, change the seats, and watch both sides meet again.</CardHint>
      <ul className="mt-4 space-y-4">
        {faultNames.map((name) => (
          <FaultSwitch
            key={name}
            label={words[name].label}
            hint={words[name].hint[standing?.[name] ?? 'off']}
            checked={standing !== undefined && standing[name] !== 'off'}
            disabled={standing === undefined}
            onChange={(on) => change.mutate({ fault: name, on })}
          />
        ))}
      </ul>
      <Button
        variant="outline"
        size="small"
        className="mt-5"
        aria-disabled={!anything}
        onClick={() => {
          if (anything) change.mutate({ mend: true });
        }}
      >
        Mend everything
      </Button>
      {change.isError ? (
        <p role="alert" className="mt-3 text-caution text-sm">
          {change.error.message}
        </p>
      ) : null}
      {faults.isError ? <p className="mt-3 text-caution text-sm">The switches cannot be read at the moment.</p> : null}
    </Card>
  );
}

function FaultSwitch({
  label,
  hint,
  checked,
  disabled,
  onChange,
}: {
  label: string;
  hint: string;
  checked: boolean;
  disabled: boolean;
  onChange: (on: boolean) => void;
}) {
  const id = useId();
  return (
    <li className="flex items-start justify-between gap-4">
      <div>
        <Label htmlFor={id}>{label}</Label>
        <p id={`${id}-hint`} className="mt-0.5 min-h-[2lh] text-muted-foreground text-sm">
          {hint}
        </p>
      </div>
      <Switch
        id={id}
        aria-describedby={`${id}-hint`}
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
      />
    </li>
  );
}

async function call(init: RequestInit): Promise<FaultsBody> {
  const response = await fetch('/api/dev/faults', { cache: 'no-store', ...init });
  if (!response.ok) throw new Error(`The fault could not be switched (${response.status}).`);
  return (await response.json()) as FaultsBody;
}
