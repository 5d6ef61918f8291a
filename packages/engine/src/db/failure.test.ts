import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyDatabaseError, DatabaseError, type DatabaseFailure } from './executor.ts';

/** Errors that a real server cannot be made to send in a test, or that come in the clothes of some library. */
const cases: readonly (readonly [
  what: string,
  error: unknown,
  sent: boolean,
  kind: DatabaseFailure['kind'],
  code: string | null,
])[] = [
  ['a server that starts up', server('57P03', 'FATAL'), true, 'never_sent', '57P03'],
  ['a crash shutdown', server('57P02', 'FATAL'), true, 'unknown', '57P02'],
  ['a dropped database', server('57P04', 'FATAL'), true, 'unknown', '57P04'],
  ['an idle session that was ended', server('57P05', 'FATAL'), true, 'unknown', '57P05'],
  ['a pooler that lost its server', server('08P01', 'FATAL'), true, 'unknown', '08P01'],
  ['a statement whose completion is unknown', server('40003', 'ERROR'), true, 'unknown', '40003'],
  ['a full disk under a table', server('53100', 'ERROR'), true, 'rejected', '53100'],
  ['a full disk under the log, in a commit', server('53100', 'PANIC'), true, 'unknown', '53100'],
  ['the same from a server that speaks Spanish', server('53100', 'PÁNICO'), true, 'unknown', '53100'],
  ['a failed write to the log', server('58030', 'PANIC'), true, 'unknown', '58030'],
  ['an internal error', server('XX000', 'ERROR'), true, 'rejected', 'XX000'],
  ["a pooler's internal error", server('XX000', 'FATAL'), true, 'unknown', 'XX000'],
  ['a statement cancelled', server('57014', 'ERROR'), true, 'rejected', '57014'],
  ['a row that others hold for too long', server('55P03', 'ERROR'), true, 'conflict', '55P03'],
  ['a trigger of ours that refused', server('P0001', 'ERROR'), true, 'rejected', 'P0001'],
  ['a wrong password', server('28P01', 'FATAL'), true, 'never_sent', '28P01'],
  ['any answer before a statement was sent', server('XX000', 'FATAL'), false, 'never_sent', 'XX000'],
  ['a reset while sending', system('ECONNRESET', 'read'), true, 'unknown', 'ECONNRESET'],
  ['a broken pipe, a code of five letters', system('EPIPE', 'write'), true, 'unknown', 'EPIPE'],
  ['a reset while connecting', system('ECONNRESET', 'read'), false, 'never_sent', 'ECONNRESET'],
  ['a host that is not reachable', system('EHOSTUNREACH', 'connect'), true, 'never_sent', 'EHOSTUNREACH'],
  ['a host that became unreachable', system('EHOSTUNREACH', 'read'), true, 'unknown', 'EHOSTUNREACH'],
  ['a name that is not known', system('ENOTFOUND', 'getaddrinfo'), true, 'never_sent', 'ENOTFOUND'],
  [
    'every address refused',
    Object.assign(new AggregateError([system('ECONNREFUSED', 'connect'), system('ECONNREFUSED', 'connect')]), {
      code: 'ECONNREFUSED',
    }),
    true,
    'never_sent',
    'ECONNREFUSED',
  ],
  ['postgres: connecting took too long', withCode('CONNECT_TIMEOUT'), true, 'never_sent', 'CONNECT_TIMEOUT'],
  ['postgres: the client was ended', withCode('CONNECTION_ENDED'), true, 'never_sent', 'CONNECTION_ENDED'],
  ['postgres: closed under a statement', withCode('CONNECTION_CLOSED'), true, 'unknown', 'CONNECTION_CLOSED'],
  ['postgres: destroyed under a statement', withCode('CONNECTION_DESTROYED'), true, 'unknown', 'CONNECTION_DESTROYED'],
  [
    'pg: a client known to be broken',
    new Error('Client has encountered a connection error and is not queryable'),
    true,
    'never_sent',
    null,
  ],
  ['pg: ended under a statement', new Error('Connection terminated unexpectedly'), true, 'unknown', null],
  ['Drizzle: wrapped', new Error('Failed query', { cause: server('40001', 'ERROR') }), true, 'conflict', '40001'],
  [
    'Prisma: in meta',
    Object.assign(withCode('P2010'), { meta: { code: '40P01', message: 'deadlock' } }),
    true,
    'conflict',
    '40P01',
  ],
  ["Prisma: in a driver adapter's error", prismaDuplicate(), true, 'constraint', '23505'],
  ['Prisma: its own words only', withCode('P2028'), true, 'unknown', 'P2028'],
  ['a string', 'boom', true, 'unknown', null],
  ['nothing at all', undefined, true, 'unknown', null],
];

for (const [what, error, sent, kind, code] of cases) {
  test(`${what} (${sent ? 'sent' : 'not sent'}): ${kind}`, () => {
    const failure = classifyDatabaseError(error, sent);
    assert.deepEqual({ kind: failure.kind, code: failure.code }, { kind, code });
    assert.notEqual(failure.message, '');
  });
}

test('an error that was sorted before keeps what was found then', () => {
  const failure: DatabaseFailure = { kind: 'never_sent', code: 'X', constraint: null, message: 'm' };
  const wrapped = new Error('outer', { cause: new DatabaseError(failure, null) });
  assert.deepEqual(classifyDatabaseError(wrapped, true), failure);
});

test('a cause that points back at itself ends', () => {
  const error = new Error('round');
  error.cause = error;
  assert.equal(classifyDatabaseError(error, true).kind, 'unknown');
});

test('the constraint is named, also where Prisma hides it', () => {
  assert.equal(classifyDatabaseError(prismaDuplicate(), true).constraint, 'invites_pkey');
});

/** As recorded from Prisma 7.10.1 with @prisma/adapter-pg. */
function prismaDuplicate(): Error {
  return Object.assign(withCode('P2010'), {
    name: 'PrismaClientKnownRequestError',
    meta: {
      driverAdapterError: Object.assign(new Error('UniqueConstraintViolation'), {
        name: 'DriverAdapterError',
        cause: {
          originalCode: '23505',
          originalMessage: 'duplicate key value violates unique constraint "invites_pkey"',
          kind: 'UniqueConstraintViolation',
          constraint: { index: 'invites_pkey' },
          table: 'invites',
        },
      }),
    },
  });
}

function server(code: string, severity: string): Error {
  return Object.assign(new Error(`said ${code}`), { code, severity });
}

function system(code: string, syscall: string): Error {
  return Object.assign(new Error(`${syscall} ${code}`), { code, syscall, errno: -1 });
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
