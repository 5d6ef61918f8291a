import type { ComponentProps } from 'react';
import { cn } from '#lib/class-names.ts';

const variants = {
  primary: '',
  outline: 'ui-button-outline',
  quiet: 'ui-button-quiet',
  link: 'ui-button-link',
} as const;

const sizes = { default: '', small: 'ui-button-small', icon: 'ui-button-icon', step: 'ui-button-step' } as const;

interface Look {
  variant?: keyof typeof variants | undefined;
  size?: keyof typeof sizes | undefined;
  className?: string | undefined;
}

/** The look of a button, for a link that is to have it. */
export function buttonLook({ variant = 'primary', size = 'default', className }: Look = {}): string {
  return cn('ui-button', variants[variant], sizes[size], className);
}

export function Button({ className, variant, size, type = 'button', ...props }: ComponentProps<'button'> & Look) {
  return <button type={type} className={buttonLook({ variant, size, className })} {...props} />;
}
