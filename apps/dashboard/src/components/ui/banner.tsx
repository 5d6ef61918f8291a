import { cva, type VariantProps } from 'class-variance-authority';
import { CircleAlertIcon, InfoIcon, TriangleAlertIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '#lib/class-names.ts';

const bannerVariants = cva(
  'grid grid-cols-[auto_1fr] gap-x-3 rounded-xl border px-4 py-3 text-sm [&>svg]:mt-0.5 [&>svg]:size-4.5',
  {
    variants: {
      tone: {
        neutral: 'bg-muted [&>svg]:text-muted-foreground',
        caution: 'border-caution-line bg-caution-soft [&>svg]:text-caution',
        stopped: 'border-stopped/40 bg-stopped-soft [&>svg]:text-stopped',
      },
    },
    defaultVariants: { tone: 'neutral' },
  },
);

const icons = { neutral: InfoIcon, caution: TriangleAlertIcon, stopped: CircleAlertIcon };

type BannerProps = VariantProps<typeof bannerVariants> & {
  title: ReactNode;
  children?: ReactNode;
  className?: string;
  /** Said at once by a screen reader: for what a person has just asked for. */
  alert?: boolean;
};

/** A quiet notice: what is so, and what happens next. */
export function Banner({ tone, title, children, className, alert = false }: BannerProps) {
  const Icon = icons[tone ?? 'neutral'];
  return (
    <div role={alert ? 'alert' : undefined} className={cn(bannerVariants({ tone }), className)}>
      <Icon aria-hidden />
      <div>
        <p className="font-medium">{title}</p>
        {children ? <div className="mt-0.5 text-foreground/85">{children}</div> : null}
      </div>
    </div>
  );
}
