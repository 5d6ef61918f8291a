import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import pc from 'picocolors';
import { type Logger, pino } from 'pino';

/** The supervisor's own log, and the lines of its children: readable on a terminal, JSON anywhere else. */
export type SupervisorLog = { logger: Logger; follow(program: string, stream: Readable): void };

export function openLog(
  pretty: boolean,
  write: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
): SupervisorLog {
  const logger = pino(
    { base: { program: 'supervisor' } },
    { write: (line: string) => write(pretty ? prettyLine(line.trimEnd(), 'supervisor') : line.trimEnd()) },
  );
  return {
    logger,
    follow(program, stream) {
      createInterface({ input: stream }).on('line', (line) => {
        if (line.trim() === '') return;
        write(pretty ? prettyLine(line, program) : jsonLine(line, program));
      });
    },
  };
}

const levels: Record<number, (text: string) => string> = {
  10: pc.dim,
  20: pc.dim,
  30: pc.green,
  40: pc.yellow,
  50: pc.red,
  60: (text) => pc.bgRed(pc.white(text)),
};

function prettyLine(line: string, program: string): string {
  const record = parse(line);
  if (record === undefined) return `${clock(Date.now())} ${pc.dim(program.padEnd(10))} ${line}`;
  const { level, time, msg, program: named, pid, hostname, name, err, error, ...rest } = record;
  const paint = levels[Number(level)] ?? ((text: string) => text);
  const who = paint(String(named ?? program).padEnd(10));
  const details = Object.entries(rest)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
  const failure = describeError(err ?? error);
  return [
    `${clock(time)} ${who} ${String(msg ?? '')}${details === '' ? '' : ` ${pc.dim(details)}`}`,
    ...(failure === '' ? [] : [pc.dim(failure)]),
  ].join('\n');
}

/** Programs that do not write JSON (Next.js says when it is ready) are wrapped, so that every line can be parsed. */
function jsonLine(line: string, program: string): string {
  const record = parse(line);
  return JSON.stringify(
    record === undefined ? { level: 30, time: Date.now(), program, msg: line } : { program, ...record },
  );
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function describeError(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value === undefined ? '' : `  ${String(value)}`;
  const text = 'stack' in value ? value.stack : 'message' in value ? value.message : JSON.stringify(value);
  return String(text)
    .split('\n')
    .map((each) => `  ${each}`)
    .join('\n');
}

/** pino writes milliseconds unless it was told to write ISO 8601. */
function clock(time: unknown): string {
  const text = typeof time === 'number' || typeof time === 'string' ? time : Date.now();
  return pc.dim(new Date(text).toISOString().slice(11, 19));
}
