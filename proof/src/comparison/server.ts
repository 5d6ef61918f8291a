/** A server process of one program, which the parent gives work to and may kill at any moment. */
import { type ProgramSettings, type Request, startProgram } from './programs.ts';

/** What the parent asks for; `id` comes back with the answer. */
export type Work =
  | { readonly id: number; readonly what: 'add' | 'ask again'; readonly request: Request }
  | { readonly id: number; readonly what: 'webhook'; readonly payload: string; readonly signature: string };

const program = await startProgram(JSON.parse(process.argv[2] ?? '{}') as ProgramSettings);

process.on('message', (work: Work | 'close') => {
  if (work === 'close') {
    // The SDK's kept-alive connections would hold this process for another minute.
    void program.close().then(() => process.exit(0));
    return;
  }
  answer(work).then(
    (result) => process.send?.({ id: work.id, result }),
    (error: unknown) => {
      // Not one of the world's errors but one of ours: the comparison is worth nothing then.
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
// A parent that is killed cannot say "close".
process.on('disconnect', () => process.exit(0));
process.send?.('ready');

async function answer(work: Work) {
  switch (work.what) {
    case 'add':
      return program.add(work.request);
    case 'ask again':
      // Null: there is no such door, and the caller stays where it is.
      return program.askAgain === null ? null : program.askAgain(work.request);
    case 'webhook':
      return program.webhook === null ? 200 : program.webhook(work.payload, work.signature);
  }
}
