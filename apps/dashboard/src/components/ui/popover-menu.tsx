import { ChevronDownIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { cn } from '#lib/class-names.ts';

/**
 * A button that opens a small list under it. The browser's own popover does the work (Escape, a click elsewhere, focus
 * order), so it needs no script and works before there is any.
 */
export function PopoverMenu({
  id,
  label,
  shown,
  align = 'left',
  children,
}: {
  id: string;
  /** What a screen reader says of the button. */
  label: string;
  shown: ReactNode;
  align?: 'left' | 'right';
  children: ReactNode;
}) {
  return (
    <div className="relative min-w-0">
      <button
        type="button"
        popoverTarget={id}
        aria-label={label}
        style={{ anchorName: `--${id}` }}
        className="flex h-10 max-w-full cursor-pointer items-center gap-1.5 rounded-lg px-2.5 font-medium text-sm hover:bg-muted"
      >
        <span className="truncate">{shown}</span>
        <ChevronDownIcon aria-hidden className="size-4 shrink-0 text-muted-foreground" />
      </button>
      <div
        id={id}
        popover="auto"
        style={{ positionAnchor: `--${id}` }}
        className={cn(
          'anchored rounded-xl border bg-card p-1.5 text-foreground shadow-lg',
          align === 'right' && 'anchored-right',
        )}
      >
        {children}
      </div>
    </div>
  );
}

export const menuItem =
  'flex w-full cursor-pointer items-center gap-2 rounded-lg px-3 py-2 text-left text-sm hover:bg-muted aria-[current]:bg-primary-soft aria-[current]:font-medium';
