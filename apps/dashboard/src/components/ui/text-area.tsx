'use client';

import type { ComponentProps } from 'react';
import { useFirstLook } from '#hooks/use-first-look.ts';
import { cn } from '#lib/class-names.ts';

type Props = Omit<ComponentProps<'textarea'>, 'onChange' | 'ref' | 'value'> & {
  value: string;
  /** As an input's: also what was written before the page could listen. */
  onText: (text: string) => void;
};

export function TextArea({ className, onText, ...props }: Props) {
  const area = useFirstLook<HTMLTextAreaElement>(({ value, defaultValue }) => {
    if (value !== defaultValue) onText(value);
  });
  return (
    <textarea
      ref={area}
      className={cn(
        'w-full min-w-0 rounded-lg border border-input bg-card px-3 py-2 text-base placeholder:text-muted-foreground aria-invalid:border-stopped sm:text-sm',
        className,
      )}
      {...props}
      onChange={({ target }) => onText(target.value)}
    />
  );
}
