import type { ComponentProps } from 'react';
import { cn } from '#lib/class-names.ts';

/** The browser's own checkbox in our colours. */
export function Checkbox({ className, ...props }: Omit<ComponentProps<'input'>, 'type'>) {
  return <input type="checkbox" className={cn('ui-checkbox', className)} {...props} />;
}
