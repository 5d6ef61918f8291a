import type { ComponentProps } from 'react';
import { cn } from '#lib/class-names.ts';

export function Card({ className, ...props }: ComponentProps<'section'>) {
  return <section className={cn('ui-card', className)} {...props} />;
}

export function CardTitle({ className, children, ...props }: ComponentProps<'h2'>) {
  return (
    <h2 className={cn('ui-card-title', className)} {...props}>
      {children}
    </h2>
  );
}

export function CardHint({ className, ...props }: ComponentProps<'p'>) {
  return <p className={cn('ui-card-hint', className)} {...props} />;
}
