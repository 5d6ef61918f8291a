import type { ComponentProps } from 'react';
import { cn } from '#lib/class-names.ts';

export function Input({ className, type = 'text', ...props }: ComponentProps<'input'>) {
  return <input type={type} className={cn('ui-input', className)} {...props} />;
}
