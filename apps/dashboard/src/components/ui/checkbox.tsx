'use client';

import type { ComponentProps } from 'react';
import { useFirstLook } from '#hooks/use-first-look.ts';
import { cn } from '#lib/class-names.ts';

type Props = Omit<ComponentProps<'input'>, 'type' | 'onChange' | 'ref' | 'checked'> & {
  checked: boolean;
  /** Told at every change, and once if it was ticked or cleared before the page could listen. */
  onTick: (checked: boolean) => void;
};

/** The browser's own checkbox in our colours. */
export function Checkbox({ className, onTick, ...props }: Props) {
  const box = useFirstLook<HTMLInputElement>(({ checked, defaultChecked }) => {
    if (checked !== defaultChecked) onTick(checked);
  });
  return (
    <input
      ref={box}
      type="checkbox"
      className={cn('ui-checkbox', className)}
      {...props}
      onChange={({ target }) => onTick(target.checked)}
    />
  );
}
