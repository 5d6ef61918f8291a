import type { ComponentProps } from 'react';
import { cn } from '#lib/class-names.ts';

export function Input({ className, type = 'text', ...props }: ComponentProps<'input'>) {
  return (
    <input
      type={type}
      className={cn(
        'h-10 w-full min-w-0 rounded-lg border border-input bg-card px-3 text-base placeholder:text-muted-foreground read-only:bg-muted disabled:opacity-50 aria-invalid:border-stopped sm:text-sm',
        className,
      )}
      {...props}
    />
  );
}
