'use client';

import type { ComponentProps } from 'react';
import { useFirstLook } from '#hooks/use-first-look.ts';
import { cn } from '#lib/class-names.ts';

type Props = Omit<ComponentProps<'select'>, 'onChange' | 'ref' | 'value'> & {
  /** What is chosen; without it the form that it stands in reads it. */
  value?: string;
  /** Told at every choice, and once if something else was chosen before the page could listen. */
  onChoice?: (value: string) => void;
};

/** The browser's own select: every phone and screen reader knows it. */
export function Select({ className, onChoice, ...props }: Props) {
  const select = useFirstLook<HTMLSelectElement>(({ value }) => {
    if (value !== props.value) onChoice?.(value);
  });
  return (
    <select
      ref={select}
      className={cn('ui-select', className)}
      {...props}
      {...(onChoice === undefined ? {} : { onChange: ({ target }) => onChoice(target.value) })}
    />
  );
}
