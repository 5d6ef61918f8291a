'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleCheckIcon, CircleXIcon, FlaskConicalIcon, LoaderCircleIcon } from 'lucide-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { Banner } from '#components/ui/banner.tsx';
import { Button } from '#components/ui/button.tsx';
import { Card, CardHint, CardTitle } from '#components/ui/card.tsx';
import { readJson, sendJson } from '#lib/app-api.ts';
import { ChapterView } from './chapter-view.tsx';
import { faultStories, type LabBody, type LabRunBody, type LabSide, labStories, sideBySide } from './contract.ts';
import { Scoreboard, sideNames } from './scoreboard.tsx';
import { standingOf, type ToldStory, tellStory } from './told-story.ts';
import { useRun } from './use-run.ts';

const address = '/api/dev/fault-lab';
const never = () => () => {};

/** The stories as buttons, and the one that is being told. */
export function FaultLabScreen({ initial }: { initial: LabRunBody | null }) {
  const queryClient = useQueryClient();
  // A click on what the server rendered would be lost until the page's script is there.
  const ready = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const lab = useQuery({
    queryKey: ['fault-lab'],
    queryFn: ({ signal }) => readJson<LabBody>(null, address, signal),
    initialData: { run: initial },
    // Another window may have started a story.
    refetchInterval: 3_000,
  });
  const { run } = lab.data;
  // What was over when the page came is read, not watched.
  const [whole, setWhole] = useState<string | null>(initial?.over ? initial.id : null);
  const { events, behind } = useRun(run?.id ?? null, run !== null && whole !== run.id);
  const change = useMutation({
    mutationFn: (story: string | null) =>
      story === null ? sendJson<LabBody>(null, 'DELETE', address) : sendJson<LabBody>(null, 'POST', address, { story }),
    onSuccess: async (body) => {
      // A read that began before would show what was there before.
      await queryClient.cancelQueries({ queryKey: ['fault-lab'] });
      queryClient.setQueryData(['fault-lab'], body);
    },
  });
  const told = tellStory(events);
  const underWay = run !== null && (!run.over || behind) && told.end === null;
  const outcomes = useOutcomes(run, told);
  // What this page has started is brought into view; what somebody else started leaves the reader where they are.
  const [started, setStarted] = useState(false);
  const start = (story: string) => {
    if (underWay || change.isPending) return;
    setStarted(true);
    change.mutate(story);
  };
  return (
    <>
      <div className="mb-6 max-w-prose">
        <h1 className="font-semibold text-3xl tracking-tight">Fault lab</h1>
        <p className="mt-1 text-muted-foreground">
          Real processes are killed here, real connections are cut, on a real PostgreSQL and a simulated Stripe. Each
          story runs on servers of its own; the organizations of this demo are not touched.
        </p>
      </div>
      <Card aria-labelledby="twice-title" className="border-primary/40">
        <CardTitle id="twice-title" className="text-lg">
          {sideBySide.title}
        </CardTitle>
        <CardHint className="max-w-prose text-base">
          {sideBySide.breaks} Watch it happen to the code that most of us would write, transactions and idempotency keys
          included, and to Seatbelt, at the same moment. It takes about half a minute to watch.
        </CardHint>
        <div className="mt-4 flex flex-wrap gap-3">
          <Button disabled={!ready} aria-disabled={underWay} onClick={() => start(sideBySide.id)}>
            <FlaskConicalIcon aria-hidden />
            Run it side by side
          </Button>
          {underWay && !run?.over ? (
            <Button variant="outline" onClick={() => change.mutate(null)}>
              Stop
            </Button>
          ) : null}
          {behind ? (
            <Button variant="quiet" onClick={() => setWhole(run?.id ?? null)}>
              Show everything now
            </Button>
          ) : null}
        </div>
        {change.isError ? (
          <p role="alert" className="mt-3 text-caution text-sm">
            {change.error.message}
          </p>
        ) : null}
      </Card>
      {run === null ? null : <Told key={run.id} run={run} told={told} comesIntoView={started} />}
      <section aria-labelledby="others-title" className="mt-10">
        <h2 id="others-title" className="font-semibold text-xl tracking-tight">
          One fault at a time
        </h2>
        <p className="mt-1 max-w-prose text-muted-foreground">
          The stories of <code className="font-mono text-sm">npm run demo:faults</code>. Each starts a whole product of
          its own first, which takes some seconds.
        </p>
        <ul className="mt-4 grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
          {faultStories.map(({ id, title, breaks }) => (
            <li key={id}>
              <button
                type="button"
                disabled={!ready}
                aria-disabled={underWay}
                aria-describedby={`story-${id}-outcome`}
                onClick={() => start(id)}
                className="flex h-full w-full cursor-pointer flex-col items-start rounded-xl border bg-card p-4 text-left transition-colors hover:bg-muted aria-disabled:cursor-default aria-disabled:text-muted-foreground aria-disabled:hover:bg-card"
              >
                <span className="block font-medium">{title}</span>
                <span className="mt-0.5 block text-muted-foreground text-sm">{breaks}</span>
                <Outcome id={id} told={outcomes.get(id)} beingTold={underWay && run?.story === id} />
              </button>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}

/** How each story ended that this page has seen the end of. */
function useOutcomes(run: LabRunBody | null, told: ToldStory): ReadonlyMap<string, boolean> {
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, boolean>>(new Map());
  const story = run?.story ?? null;
  const ok = told.end?.ok ?? null;
  useEffect(() => {
    if (story !== null && ok !== null) setOutcomes((before) => new Map(before).set(story, ok));
  }, [story, ok]);
  return outcomes;
}

/** One line below a story's button; its place is kept, so that nothing moves when it is there. */
function Outcome({ id, told, beingTold }: { id: string; told: boolean | undefined; beingTold: boolean }) {
  const words = beingTold
    ? 'Being told above.'
    : told === undefined
      ? ''
      : told
        ? 'Told: every number agreed at the end.'
        : 'Told: something was not so.';
  return (
    <span
      id={`story-${id}-outcome`}
      data-lab-outcome={beingTold || told === undefined ? 'none' : told ? 'agreed' : 'failed'}
      className="mt-auto flex min-h-[1lh] items-center pt-2 gap-1.5 text-sm [&_svg]:size-4 [&_svg]:shrink-0"
    >
      {beingTold ? <LoaderCircleIcon aria-hidden className="animate-spin" /> : null}
      {!beingTold && told === true ? <CircleCheckIcon aria-hidden className="text-fine" /> : null}
      {!beingTold && told === false ? <CircleXIcon aria-hidden className="text-stopped" /> : null}
      {words}
    </span>
  );
}

function Told({ run, told, comesIntoView }: { run: LabRunBody; told: ToldStory; comesIntoView: boolean }) {
  const article = useRef<HTMLElement>(null);
  useEffect(() => {
    if (comesIntoView) article.current?.scrollIntoView({ block: 'start' });
  }, [comesIntoView]);
  const sides: readonly LabSide[] = run.story === sideBySide.id ? ['usual', 'seatbelt'] : ['seatbelt'];
  const title = labStories.find(({ id }) => id === run.story)?.title ?? run.story;
  return (
    <article
      ref={article}
      aria-label={title}
      data-lab-story={run.story}
      data-lab-over={told.end !== null}
      className="mt-8 scroll-mt-4"
    >
      {sides.length > 1 ? null : <h2 className="mb-3 font-semibold text-xl tracking-tight">{title}</h2>}
      <Scoreboard sides={sides} numbers={told.numbers} latest={told.latest} />
      <p role="status" aria-live="polite" className="sr-only">
        {announcement(told, sides)}
      </p>
      <p className="mt-3 flex min-h-[1.5lh] items-center gap-2 text-muted-foreground text-sm">
        {told.end === null ? (
          <>
            <LoaderCircleIcon aria-hidden className="size-4 shrink-0 animate-spin" />
            {told.waiting ?? 'Going on.'}
          </>
        ) : (
          'Told to its end.'
        )}
      </p>
      {told.end === null ? null : (
        <Banner tone={told.end.ok ? 'neutral' : 'stopped'} title={told.end.title} className="mt-2">
          <p>{told.end.text}</p>
        </Banner>
      )}
      {told.chapters.map((chapter) => (
        <ChapterView key={`${chapter.number} ${chapter.title}`} chapter={chapter} sides={sides} />
      ))}
    </article>
  );
}

/** For those who do not see it: the chapter, then how the sides stand, then the end. Single lines are left to be read. */
function announcement({ chapters, numbers, end }: ToldStory, sides: readonly LabSide[]): string {
  if (end !== null) return `${end.title} ${end.text}`;
  const chapter = chapters.at(-1);
  if (chapter === undefined) return 'The story begins.';
  const standing = sides.map((side) => {
    const { database, stripe } = numbers[side] ?? {};
    const words = { meet: 'meet', open: 'are open', apart: 'are apart', unknown: 'are not known yet' };
    const name = sides.length > 1 ? `${sideNames[side]}: the numbers` : 'The numbers';
    return `${name} ${words[standingOf(numbers[side])]}, ${database ?? 'unknown'} and ${stripe ?? 'unknown'}.`;
  });
  return `${chapter.title}. ${standing.join(' ')}`;
}
