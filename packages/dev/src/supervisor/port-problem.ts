import { PostgresProblem } from '../embedded-postgres/index.ts';
import { type ListenTrouble, listenTrouble } from '../free-port.ts';
import { StartProblem } from './start-problem.ts';

// The ports below this one are the administrator's, unless a system says otherwise.
const firstOrdinaryPort = 1_024;

/** Why the port that `variable` stands for cannot be used; undefined where the error is about something else. */
export function portProblem(variable: string, port: number, error: unknown): StartProblem | undefined {
  const trouble = troubleOf(error);
  if (trouble === undefined) return undefined;
  const what = {
    taken: 'is taken by another program',
    not_permitted: `may not be listened on by ${error instanceof PostgresProblem ? 'the user that PostgreSQL runs as' : 'this user'}`,
    impossible: `cannot be listened on (${error instanceof Error ? error.message : String(error)})`,
  }[trouble];
  const which =
    trouble === 'not_permitted' && port < firstOrdinaryPort ? `a port above ${firstOrdinaryPort - 1}` : 'another port';
  return new StartProblem(trouble === 'taken' ? 'port_taken' : 'port_unusable', sentence(variable, port, what, which), {
    cause: error,
  });
}

/** The dashboard's port is held by somebody else. */
export function dashboardPortTaken(port: number): StartProblem {
  return new StartProblem('port_taken', sentence('PORT', port, 'is taken by another program', 'another port'));
}

function sentence(variable: string, port: number, what: string, which: string): string {
  // 8080 for 80, as people are used to.
  const example = port < firstOrdinaryPort ? port + 8_000 : port < 65_535 ? port + 1 : port - 1;
  // PORT need not be set: there is a usual one.
  return variable === 'PORT'
    ? `Port ${port} ${what}. Choose ${which} by the variable PORT, for example: PORT=${example} npm start`
    : `Port ${port}, which ${variable} asks for, ${what}. Set ${variable} to ${which}, such as ${example}, or remove it and any free port is used.`;
}

function troubleOf(error: unknown): ListenTrouble | undefined {
  if (!(error instanceof PostgresProblem)) return listenTrouble(error);
  if (error.code === 'port_taken') return 'taken';
  if (error.code === 'port_not_permitted') return 'not_permitted';
  return listenTrouble(error.cause);
}
