import type { LabEvent } from './events.ts';
import { tellSideBySide } from './side-by-side.ts';
import { tellStory } from './told-story.ts';

/**
 * The fault lab's process: tells one story and ends. The dashboard starts it, so what is killed in a story is never the
 * server that a visitor looks at. Arguments: `side-by-side`, or the number of a story of `npm run demo:faults`.
 */
const [wanted = ''] = process.argv.slice(2);
const began = performance.now();
// The leash that this process may be on is its own; what it forks ends with the channel to it.
process.execArgv.splice(0);
const tell = (event: LabEvent) => {
  process.stdout.write(`${JSON.stringify({ ...event, atMs: Math.round(performance.now() - began) })}\n`);
};

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The stories clear away behind themselves when told to stop; the side by side ends with its children.
    if (wanted === 'side-by-side' || stopped.signal.aborted) process.exit(130);
    stopped.abort(new Error(`Stopped by ${signal}.`));
  });
}

try {
  const ok = wanted === 'side-by-side' ? await sideBySide() : await tellStory(Number(wanted), tell, stopped.signal);
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  if (stopped.signal.aborted) process.exit(130);
  if (!(error instanceof Error)) throw error;
  console.error(error.stack);
  tell({ is: 'ended', ok: false, title: 'The story could not be told to its end.', text: error.message });
  process.exitCode = 2;
}

async function sideBySide(): Promise<boolean> {
  const { DATABASE_URL } = process.env;
  if (DATABASE_URL === undefined)
    throw new Error('DATABASE_URL is not set; the lab makes its own database beside that one.');
  return tellSideBySide(DATABASE_URL, tell);
}
