import { randomUUID } from 'node:crypto';
import { isDemoSession } from '#server/demo-session.ts';
import { simulatorUrl } from '#server/environment.ts';
import { once } from '#server/once.ts';
import { Refused } from '#server/problem.ts';
import type { LabBody, LabEvent, LabRunBody } from '../contract.ts';
import { repositoryRoot, startLabProcess } from './lab-process.ts';

/** One telling: everything that was said so far, and who listens. */
interface LabRun {
  readonly id: string;
  readonly story: string;
  readonly events: LabEvent[];
  readonly listeners: Set<() => void>;
  over: boolean;
  stop(): void;
}

/** The newest run of this process. One story at a time: each starts servers of its own, and a laptop has two cores. */
const lab = () => once<{ run: LabRun | null }>('fault-lab', () => ({ run: null }));

/** Whether there is a lab for this visitor: in the demo, on the simulator, from this machine, with the sources at hand. */
export function labExists(host: string | null): boolean {
  return simulatorUrl() !== null && isDemoSession(host) && repositoryRoot() !== null;
}

export function readLab(): LabBody {
  const { run } = lab();
  return { run: run && bodyOf(run) };
}

/** @throws Refused 409 while another story is being told */
export function startStory(story: string): LabRunBody {
  const here = lab();
  const root = repositoryRoot();
  if (root === null) throw new Error('Bug: the lab was asked where there is none.');
  if (here.run !== null && !here.run.over) {
    throw new Refused({
      status: 409,
      code: 'story_under_way',
      title: 'Another story is being told',
      detail: 'One story runs at a time. Wait for its end, or stop it. Nothing was started.',
    });
  }
  const run: LabRun = {
    id: randomUUID(),
    story,
    events: [],
    listeners: new Set(),
    over: false,
    stop: () => told.stop(),
  };
  const told = startLabProcess(root, story, (event) => {
    run.events.push(event);
    run.over = event.is === 'ended';
    for (const listener of run.listeners) listener();
  });
  here.run = run;
  return bodyOf(run);
}

export function stopStory(): LabBody {
  lab().run?.stop();
  return readLab();
}

/**
 * The events of a run as server-sent events, from the first one that the listener has not seen to the end.
 * @param seen how many it has seen already
 * @returns null where there is no such run any more
 */
export function storyStream(id: string, seen: number): ReadableStream<Uint8Array> | null {
  const { run } = lab();
  if (run === null || run.id !== id) return null;
  const encoder = new TextEncoder();
  let next = seen;
  let listener: (() => void) | null = null;
  const leave = () => {
    if (listener !== null) run.listeners.delete(listener);
  };
  return new ReadableStream({
    start(controller) {
      const send = () => {
        for (; next < run.events.length; next += 1) {
          controller.enqueue(encoder.encode(`id: ${next + 1}\ndata: ${JSON.stringify(run.events[next])}\n\n`));
        }
        if (!run.over) return;
        leave();
        controller.close();
      };
      listener = send;
      run.listeners.add(send);
      send();
    },
    cancel: leave,
  });
}

function bodyOf({ id, story, over }: LabRun): LabRunBody {
  return { id, story, over };
}
