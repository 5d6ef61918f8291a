import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Job } from './child.ts';
import type { ProgramSettings, Told } from './programs.ts';

/** What came of one job. `nothing`: the process died and its caller saw the connection end. */
export interface Answer {
  readonly told: Told | 'nothing';
  /** From the server's taking it up to its answer; not a number where there was none. */
  readonly ms: number;
}

interface Server {
  child: ChildProcess;
  /** False from its death until another process has taken its place. */
  up: boolean;
  readonly open: Map<number, (answer: Answer) => void>;
}

/** Several processes of one program behind a load balancer that takes turns and leaves out what is down. */
export async function startServers(settings: ProgramSettings, count: number) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      async (): Promise<Server> => ({ child: await start(settings), up: true, open: new Map() }),
    ),
  );
  for (const server of servers) listen(server);
  let turn = 0;

  return {
    /** Hands a job to the server whose turn it is. */
    run(job: Job): Promise<Answer> {
      const up = servers.filter((server) => server.up);
      const server = up[turn % up.length];
      turn += 1;
      if (!server) throw new Error('Every server is down.');
      return new Promise((resolve) => {
        server.open.set(job.id, resolve);
        server.child.send(job);
      });
    },
    /** SIGKILL, whatever it is at; another process takes its place. Gives the number of jobs that died with it. */
    async kill(index: number): Promise<number> {
      const server = servers[index % servers.length];
      if (!server?.up) return 0;
      server.up = false;
      const { child } = server;
      child.removeAllListeners();
      child.kill('SIGKILL');
      await once(child, 'exit');
      const lost = [...server.open.values()];
      server.open.clear();
      for (const resolve of lost) resolve({ told: 'nothing', ms: Number.NaN });
      server.child = await start(settings);
      listen(server);
      server.up = true;
      return lost.length;
    },
    async close(): Promise<void> {
      const ended = servers.map(({ child }) => {
        child.removeAllListeners('exit');
        const exited = once(child, 'exit');
        child.send('close');
        return exited;
      });
      await Promise.all(ended);
    },
  };
}

function start(settings: ProgramSettings): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('./child.ts', import.meta.url)), [JSON.stringify(settings)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`A server process ended at its start with ${code}.`)));
  });
}

function listen(server: Server): void {
  const { child, open } = server;
  child.removeAllListeners('exit');
  child.on('message', (answer: Answer & { id: number }) => {
    open.get(answer.id)?.({ told: answer.told, ms: answer.ms });
    open.delete(answer.id);
  });
  child.on('exit', (code) => {
    throw new Error(`A server process ended by itself with ${code}.`);
  });
}
