import pg from 'pg';
import { executorOf, readServerFacts, type ServerFacts } from 'seatbelt/operator';
import { duration } from '../output/times.ts';
import { problemOf } from '../problem.ts';
import { checkWrites } from './check-writes.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** The oldest PostgreSQL that the engine is tested on. */
const oldestVersion = 150_000;
/** Leases run by the database's clock alone; what suffers from a difference are people who compare logs. */
const clockWarningMs = 5_000;
/** Stripe's libraries refuse webhooks whose time differs by more than five minutes. */
const clockFailureMs = 300_000;
const connectTimeoutMs = 5_000;

/** Findings about the server, and whether our tables are there to go on with. */
export async function checkDatabase(url: string): Promise<{ findings: Finding[]; usable: boolean }> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: 2 * connectTimeoutMs,
    application_name: 'seatbelt doctor',
  });
  // A connection that breaks is reported by the statement that it breaks.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const asked = Date.now();
    const facts = await readServerFacts(executorOf(client));
    const answered = Date.now();
    return {
      findings: [
        ok('database', `The database answers in ${answered - asked} ms.`),
        version(facts),
        await checkWrites(client, facts),
        schema(facts),
        clock(facts.now - (asked + answered) / 2, (answered - asked) / 2),
        ...durability(facts),
        pooler(facts, client),
      ],
      usable: facts.schema.missing.length === 0,
    };
  } catch (error) {
    const { message } = problemOf(error);
    return {
      findings: [
        fail('database', `The database cannot be used: ${message}`, 'Correct DATABASE_URL, or start the server.'),
      ],
      usable: false,
    };
  } finally {
    // After a failed connection there is nothing to say goodbye to, and end() resolves at once.
    await client.end();
  }
}

function version({ version, versionNumber }: ServerFacts): Finding {
  return versionNumber >= oldestVersion
    ? ok('database_version', `PostgreSQL ${version}.`)
    : fail(
        'database_version',
        `PostgreSQL ${version} is older than 15, the oldest that is tested.`,
        'Upgrade the server.',
      );
}

function schema({ schema: { missing, unknown, known } }: ServerFacts): Finding {
  if (missing.length > 0) {
    return fail(
      'schema',
      `${missing.length} of ${known} migrations have not run (${missing.join(', ')}).`,
      'Run `seatbelt migrate`.',
    );
  }
  if (unknown.length > 0) {
    return warn(
      'schema',
      `The schema is newer than this program (${unknown.join(', ')} is not known to it).`,
      'Upgrade @seatbelt/cli to the version that your programs run.',
    );
  }
  return ok('schema', `The schema is up to date (${known === 1 ? '1 migration' : `${known} migrations`}).`);
}

function clock(differenceMs: number, uncertainMs: number): Finding {
  const by = Math.max(Math.abs(differenceMs) - uncertainMs, 0);
  const message = `This machine’s clock and the database’s differ by ${duration(by)}.`;
  const next = 'Have both machines keep time (NTP).';
  if (by > clockFailureMs) return fail('clock', message, `${next} Stripe’s webhooks are refused at such a difference.`);
  return by > clockWarningMs ? warn('clock', message, next) : ok('clock', message);
}

/** What a crash of the server, or a failover, would take with it: an intent that is lost may leave a charge behind. */
function durability({ synchronousCommit, synchronousStandbyNames, standbys }: ServerFacts): Finding[] {
  const findings: Finding[] = [];
  findings.push(
    synchronousCommit === 'off'
      ? fail(
          'synchronous_commit',
          'synchronous_commit is off: a crash of the server loses commits that were acknowledged, intents among them.',
          'Set synchronous_commit to on, for this user or database at least.',
        )
      : ok('synchronous_commit', `synchronous_commit is ${synchronousCommit}.`),
  );
  const total = Object.values(standbys).reduce((sum, count) => sum + count, 0);
  const waitedFor = (standbys.sync ?? 0) + (standbys.quorum ?? 0);
  const told = Object.entries(standbys).map(([state, count]) => `${count} ${state}`);
  if (total === 0) {
    findings.push(
      synchronousStandbyNames === ''
        ? ok(
            'replication',
            'No standby is seen from here. A managed service may have one all the same: ask whether it is synchronous.',
          )
        : warn(
            'replication',
            'A synchronous standby is configured and none is connected; commits may be waiting.',
            'Look at the standby.',
          ),
    );
  } else if (waitedFor > 0 && synchronousCommit !== 'local' && synchronousCommit !== 'off') {
    findings.push(ok('replication', `A commit waits for a standby (${told.join(', ')}).`));
  } else {
    findings.push(
      warn(
        'replication',
        `Standbys receive asynchronously (${told.join(', ')}): a failover may lose the last commits, and an intent with them.`,
        'Make one standby synchronous (synchronous_standby_names), or know that after a failover `seatbelt explain` has to be asked.',
      ),
    );
  }
  return findings;
}

/** A pooler answers for the server at connect, so the process id that it gave is not that of the backend that runs statements. */
function pooler({ backendPid }: ServerFacts, client: pg.Client): Finding {
  const announced = 'processID' in client ? client.processID : null;
  return announced === backendPid || typeof announced !== 'number'
    ? ok('pooler', 'The connection is direct; no pooler was noticed.')
    : ok(
        'pooler',
        'A pooler stands before the database. That is fine, as long as the engine’s option `prepare` stays off.',
      );
}
