import { pino, stdSerializers } from 'pino';
import type { Logger } from 'seatbelt';
import { readLogLevel } from 'seatbelt/environment';
import { withoutSecrets } from 'seatbelt/operator';
import type { Io } from './io.ts';
import { clock } from './output/times.ts';

type Destination = { write(line: string): void };

/**
 * The worker's log: one line of JSON per event, or lines for a person where standard output is a terminal.
 * `--json` asks for JSON there too.
 *
 * @throws SetupError where LOG_LEVEL is no level.
 */
export function workerLog(io: Io, json: boolean): Logger {
  return logTo(
    json || !io.outIsTerminal
      ? { write: (line) => void io.out(line) }
      : { write: (line) => void io.out(lineForPeople(line)) },
    readLogLevel(io.env),
  );
}

/** What the engine warns about, on standard error; for commands run with --verbose. */
export function quietLog(io: Io): Logger {
  return logTo({ write: (line) => io.err(lineForPeople(line)) }, 'warn');
}

function logTo(destination: Destination, level: string): Logger {
  return pino(
    {
      name: 'seatbelt',
      level,
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: { err: (error: Error) => withoutSecrets({ ...stdSerializers.err(error) }) },
    },
    destination,
  );
}

const levels: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'WARN', 50: 'ERROR', 60: 'FATAL' };
const ownFields = new Set(['level', 'time', 'pid', 'hostname', 'name', 'msg']);

function lineForPeople(line: string): string {
  const entry = JSON.parse(line) as { level: number; time: string; msg: string; err?: { message?: string } };
  const more = Object.entries(entry)
    .filter(([name]) => !ownFields.has(name))
    .map(([name, value]) => `${name}=${name === 'err' ? JSON.stringify(entry.err?.message) : JSON.stringify(value)}`);
  return `${clock(Date.parse(entry.time))}  ${(levels[entry.level] ?? '').padEnd(5)}  ${entry.msg}  ${more.join(' ')}\n`;
}
