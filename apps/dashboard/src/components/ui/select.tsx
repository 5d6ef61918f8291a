import type { ComponentProps } from 'react';
import { cn } from '#lib/class-names.ts';

/** The browser's own select: every phone and screen reader knows it, and it costs no script. */
export function Select({ className, ...props }: ComponentProps<'select'>) {
  return <select className={cn('ui-select', className)} {...props} />;
}
