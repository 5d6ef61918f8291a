'use client';

import { type ComponentProps, useImperativeHandle } from 'react';
import { useFirstLook } from '#hooks/use-first-look.ts';
import { cn } from '#lib/class-names.ts';

type Props = Omit<ComponentProps<'input'>, 'onChange'> & {
  /** What stands in it now, told at every change; also what was written before the page could listen. */
  onText?: (text: string) => void;
};

export function Input({ className, type = 'text', onText, ref, ...props }: Props) {
  const input = useFirstLook<HTMLInputElement>(({ value, defaultValue }) => {
    if (value !== defaultValue) onText?.(value);
  });
  useImperativeHandle<HTMLInputElement | null, HTMLInputElement | null>(ref, () => input.current, [input]);
  return (
    <input
      ref={input}
      type={type}
      className={cn('ui-input', className)}
      {...props}
      {...(onText === undefined ? {} : { onChange: ({ target }) => onText(target.value) })}
    />
  );
}
