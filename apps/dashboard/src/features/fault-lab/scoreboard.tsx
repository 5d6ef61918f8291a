import { Badge, type Tone } from '#components/ui/badge.tsx';
import { cn } from '#lib/class-names.ts';
import type { LabNumbers, LabSide } from './contract.ts';
import { type SaidLine, type Standing, standingOf } from './told-story.ts';

export const sideNames: Record<LabSide, string> = { usual: 'The usual version', seatbelt: 'Seatbelt' };

const standings: Record<Standing, { label: string; tone: Tone }> = {
  meet: { label: 'The numbers meet', tone: 'fine' },
  open: { label: 'Open, and known to be', tone: 'caution' },
  apart: { label: 'The numbers are apart', tone: 'stopped' },
  unknown: { label: 'Not known yet', tone: 'neutral' },
};

/** What both systems say now, one half for each program. Stays in view while the timeline grows. */
export function Scoreboard({
  sides,
  numbers,
  latest,
}: {
  sides: readonly LabSide[];
  numbers: Partial<Record<LabSide, LabNumbers>>;
  latest: Partial<Record<LabSide, SaidLine>>;
}) {
  return (
    <div
      className={cn(
        'sticky top-2 z-10 grid overflow-hidden rounded-xl border bg-card shadow-sm',
        sides.length > 1 ? 'grid-cols-2 divide-x' : 'grid-cols-1',
      )}
    >
      {sides.map((side) => (
        <Half key={side} side={side} numbers={numbers[side]} latest={latest[side]} named={sides.length > 1} />
      ))}
    </div>
  );
}

function Half({
  side,
  numbers,
  latest,
  named,
}: {
  side: LabSide;
  numbers: LabNumbers | undefined;
  latest: SaidLine | undefined;
  named: boolean;
}) {
  const standing = standingOf(numbers);
  const { label, tone } = standings[standing];
  return (
    <section
      aria-label={named ? sideNames[side] : 'Both sides'}
      data-lab-side={side}
      data-standing={standing}
      className="px-2 py-4 text-center sm:px-6"
    >
      <h3 className="font-semibold text-sm sm:text-base">{named ? sideNames[side] : 'Both sides'}</h3>
      <div className="mt-2 grid grid-cols-2 gap-1">
        <BigNumber label="Database" value={numbers?.database ?? null} standing={standing} name="database" />
        <BigNumber label="Stripe" value={numbers?.stripe ?? null} standing={standing} name="stripe" />
      </div>
      <Badge tone={tone} className="mt-3 whitespace-normal text-center">
        {label}
      </Badge>
      {/* A screen reader is told in its own place; here the place is kept, so that nothing below it jumps. */}
      <p aria-hidden className="mx-auto mt-2 line-clamp-2 h-[2lh] max-w-md text-muted-foreground text-xs sm:text-sm">
        {latest === undefined ? '' : `${latest.who}: ${latest.text}`}
      </p>
    </section>
  );
}

function BigNumber({
  label,
  value,
  standing,
  name,
}: {
  label: string;
  value: number | null;
  standing: Standing;
  name: string;
}) {
  return (
    <div>
      <p className="text-muted-foreground text-xs sm:text-sm">{label}</p>
      <p
        data-lab-number={name}
        className={cn(
          'font-semibold text-4xl tabular-nums leading-tight tracking-tight sm:text-5xl',
          standing === 'apart' && 'text-stopped',
          standing === 'open' && 'text-caution',
        )}
      >
        {value ?? '?'}
      </p>
    </div>
  );
}
