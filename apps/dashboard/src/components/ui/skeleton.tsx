import type { ComponentProps } from 'react';
import { cn } from '#lib/class-names.ts';

export function Skeleton({ className, ...props }: ComponentProps<'span'>) {
  return <span aria-hidden className={cn('ui-skeleton', className)} {...props} />;
}
