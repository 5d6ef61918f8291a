import type { ComponentProps } from 'react';
import { cn } from '#lib/class-names.ts';

export function Card({ className, ...props }: ComponentProps<'section'>) {
  return (
    <section
      className={cn('rounded-xl border bg-card p-5 shadow-[0_1px_2px_oklch(0.2_0.02_230/0.04)] sm:p-6', className)}
      {...props}
    />
  );
}

export function CardTitle({ className, children, ...props }: ComponentProps<'h2'>) {
  return (
    <h2 className={cn('font-semibold text-base leading-snug', className)} {...props}>
      {children}
    </h2>
  );
}

export function CardHint({ className, ...props }: ComponentProps<'p'>) {
  return <p className={cn('mt-1 text-muted-foreground text-sm', className)} {...props} />;
}
