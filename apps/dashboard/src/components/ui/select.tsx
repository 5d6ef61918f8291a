import type { ComponentProps } from 'react';
import { cn } from '#lib/class-names.ts';

/** The browser's own select: every phone and screen reader knows it, and it costs no script. */
export function Select({ className, ...props }: ComponentProps<'select'>) {
  return (
    <select
      className={cn(
        'h-10 min-w-0 cursor-pointer rounded-lg border border-input bg-card px-3 text-base disabled:cursor-default disabled:opacity-50 sm:text-sm',
        className,
      )}
      {...props}
    />
  );
}
