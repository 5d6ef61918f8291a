import { CircleCheckIcon, CircleXIcon } from 'lucide-react';
import { cn } from '#lib/class-names.ts';
import type { LabSide } from './contract.ts';
import { sideNames } from './scoreboard.tsx';
import type { Chapter, SaidLine } from './told-story.ts';

/** One chapter: what breaks, then what each program did, line by line. */
export function ChapterView({ chapter, sides }: { chapter: Chapter; sides: readonly LabSide[] }) {
  const id = `chapter-${chapter.number}`;
  return (
    <section aria-labelledby={id} className="mt-8">
      <h2 id={id} className="font-semibold text-xl tracking-tight">
        {chapter.number === 0 || sides.length === 1 ? chapter.title : `${chapter.number}. ${chapter.title}`}
      </h2>
      <p className="mt-1 max-w-prose text-muted-foreground">{chapter.text}</p>
      {sides.length > 1 ? (
        <>
          <div className="mt-4 grid gap-5 md:grid-cols-2">
            {sides.map((side) => (
              <Timeline key={side} side={side} lines={chapter.said[side]} named />
            ))}
          </div>
          <Moments chapter={chapter} />
          <Checks chapter={chapter} />
        </>
      ) : (
        // One program: its timeline, and beside it both systems' numbers at each moment of it.
        <div className="mt-4 grid items-start gap-x-5 lg:grid-cols-[minmax(0,1fr)_minmax(0,26rem)]">
          {sides.map((side) => (
            <Timeline key={side} side={side} lines={chapter.said[side]} named={false} />
          ))}
          <div className="min-w-0 max-lg:mt-4">
            <Moments chapter={chapter} />
            <Checks chapter={chapter} />
          </div>
        </div>
      )}
    </section>
  );
}

/** What had to be so, and whether it was. */
function Checks({ chapter: { checks } }: { chapter: Chapter }) {
  if (checks.length === 0) return null;
  return (
    <ul aria-label="Checked" className="mt-4 space-y-1 text-sm">
      {checks.map(({ ok, what }) => (
        <li key={what} className="flex gap-2">
          {ok ? (
            <CircleCheckIcon aria-hidden className="mt-0.5 size-4 shrink-0 text-fine" />
          ) : (
            <CircleXIcon aria-hidden className="mt-0.5 size-4 shrink-0 text-stopped" />
          )}
          <span className="min-w-0 wrap-anywhere">
            {ok ? <span className="sr-only">So it was: </span> : <strong className="text-stopped">Not so: </strong>}
            {what}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Timeline({ side, lines, named }: { side: LabSide; lines: readonly SaidLine[]; named: boolean }) {
  return (
    <div className="min-w-0 rounded-xl border bg-card p-4">
      {named ? <h3 className="mb-2 font-medium text-sm">{sideNames[side]}</h3> : null}
      {lines.length === 0 ? (
        <p className="text-muted-foreground text-sm">Nothing yet.</p>
      ) : (
        <ol className="space-y-2.5 text-sm">
          {lines.map(({ key, who, text, atMs }) => (
            <li
              key={key}
              className={cn(
                'grid grid-cols-[3.25rem_1fr] gap-x-2',
                who === 'Why' && 'rounded-lg bg-primary-soft px-2 py-1.5',
              )}
            >
              <span className="text-muted-foreground text-xs tabular-nums leading-6">{seconds(atMs)}</span>
              <span className="min-w-0 wrap-anywhere whitespace-pre-line">
                <span className={cn('font-semibold', who === 'Why' && 'text-primary')}>{who}:</span> {text}
              </span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

/** The numbers at each moment that the story stopped at. */
function Moments({ chapter }: { chapter: Chapter }) {
  if (chapter.moments.length === 0) return null;
  return (
    <div className="rounded-xl border bg-card">
      <table aria-label="The numbers at each moment" className="w-full text-xs sm:text-sm">
        <thead>
          <tr className="border-b text-left text-muted-foreground [&>th]:px-1.5 [&>th]:py-2 sm:[&>th]:px-3 [&>th]:font-medium">
            <th scope="col">Moment</th>
            <th scope="col">Database</th>
            <th scope="col">Settled</th>
            <th scope="col">Stripe</th>
            <th scope="col">Open</th>
          </tr>
        </thead>
        <tbody>
          {chapter.moments.map(({ moment, numbers }) => (
            <tr key={moment} className="border-b last:border-0 [&>*]:px-1.5 [&>*]:py-2 sm:[&>*]:px-3">
              <th scope="row" className="text-left font-normal">
                {moment}
              </th>
              <td className="tabular-nums">{numbers.database ?? 'no answer'}</td>
              <td className="tabular-nums">{numbers.settled ?? '–'}</td>
              <td className="tabular-nums">{numbers.stripe}</td>
              <td>{numbers.open?.replaceAll('_', ' ') ?? '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function seconds(atMs: number): string {
  return `${(atMs / 1_000).toFixed(1)} s`;
}
