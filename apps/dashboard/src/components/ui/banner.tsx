import { CircleAlertIcon, InfoIcon, TriangleAlertIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '#lib/class-names.ts';

const tones = {
  neutral: { look: 'ui-banner-neutral', Icon: InfoIcon },
  caution: { look: 'ui-banner-caution', Icon: TriangleAlertIcon },
  stopped: { look: 'ui-banner-stopped', Icon: CircleAlertIcon },
} as const;

interface BannerProps {
  tone?: keyof typeof tones;
  title: ReactNode;
  children?: ReactNode;
  className?: string;
  /** Said at once by a screen reader: for what a person has just asked for. */
  alert?: boolean;
}

/** A quiet notice: what is so, and what happens next. */
export function Banner({ tone = 'neutral', title, children, className, alert = false }: BannerProps) {
  const { look, Icon } = tones[tone];
  return (
    <div role={alert ? 'alert' : undefined} className={cn('ui-banner', look, className)}>
      <Icon aria-hidden />
      <div>
        <p className="font-medium">{title}</p>
        {children ? <div className="mt-0.5 text-foreground/85">{children}</div> : null}
      </div>
    </div>
  );
}
