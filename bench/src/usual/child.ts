/** A server process of one program, which the parent gives work to and may kill at any moment. */
import { type ProgramSettings, startProgram } from './programs.ts';

export interface Job {
  readonly id: number;
  readonly organization: string;
  readonly person: string;
}

const program = startProgram(JSON.parse(process.argv[2] ?? '{}') as ProgramSettings);

process.on('message', (job: Job | 'close') => {
  if (job === 'close') {
    // The SDK's kept-alive connections would hold this process for another minute.
    void program.close().then(() => process.exit(0));
    return;
  }
  const began = performance.now();
  program.invite(job.organization, job.person).then(
    (told) => process.send?.({ id: job.id, told, ms: performance.now() - began }),
    (error: unknown) => {
      // Not one of the world's errors but one of ours: the measurement is worth nothing then.
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
// Whoever gave the work is gone, a kill -9 included; nobody needs this process any more.
process.on('disconnect', () => process.exit(0));
process.send?.('ready');
