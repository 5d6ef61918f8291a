import type { ComponentProps } from 'react';
import { cn } from '#lib/class-names.ts';

/** A checkbox that takes effect at once, and is told so to screen readers. */
export function Switch({
  className,
  checked,
  ...props
}: Omit<ComponentProps<'input'>, 'type' | 'role' | 'checked'> & { checked: boolean }) {
  return (
    <input
      type="checkbox"
      role="switch"
      checked={checked}
      aria-checked={checked}
      className={cn('ui-switch', className)}
      {...props}
    />
  );
}
