'use client';

import type { ComponentProps } from 'react';
import { cn } from '#lib/class-names.ts';

type Props = Omit<ComponentProps<'input'>, 'type' | 'onChange' | 'ref' | 'checked'> & {
  checked: boolean;
  /** Told at every change. */
  onTick: (checked: boolean) => void;
};

/** The browser's own checkbox in our colours. */
export function Checkbox({ className, onTick, ...props }: Props) {
  return (
    <input
      type="checkbox"
      className={cn('ui-checkbox', className)}
      {...props}
      onChange={({ target }) => onTick(target.checked)}
    />
  );
}
