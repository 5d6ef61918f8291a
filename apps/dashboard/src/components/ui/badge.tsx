import type { ComponentProps } from 'react';
import { cn } from '#lib/class-names.ts';

const tones = {
  neutral: 'ui-badge-neutral',
  accent: 'ui-badge-accent',
  fine: 'ui-badge-fine',
  caution: 'ui-badge-caution',
  stopped: 'ui-badge-stopped',
} as const;

export type Tone = keyof typeof tones;

export function Badge({ className, tone = 'neutral', ...props }: ComponentProps<'span'> & { tone?: Tone }) {
  return <span className={cn('ui-badge', tones[tone], className)} {...props} />;
}
