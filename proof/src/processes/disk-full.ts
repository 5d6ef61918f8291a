import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Goal } from '../gate/part.ts';
import { Random } from '../random.ts';
import { type Ended, endAndJudge } from './end.ts';
import { StrikeLog } from './faults/log.ts';
import { Load } from './load/load.ts';
import { type Place, setUp } from './place/place.ts';
import { promised } from './place/times.ts';

/** Room for a fresh cluster, which asks for 150 MB before it starts, and little more. */
const diskBytes = 220 * 1024 * 1024;
/** How long nothing can be written: some twenty requests hear of it. */
const fullForMs = 3_000;

/** A short run beside a part's main one. */
export interface Leg {
  readonly goals: readonly Goal[];
  /** null: this machine could not do it, and `lines` says why. */
  readonly ended: Ended | null;
  readonly lines: readonly string[];
}

/**
 * The product on a database whose disk fills up under load and is freed again. The disk is a small file system in memory,
 * which only root can make; without it the leg says that it did not run.
 */
export async function diskFullLeg(options: {
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly tell?: (note: string) => void;
}): Promise<Leg> {
  const disk = await mkdtemp(join(tmpdir(), 'seatbelt-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes},mode=755`, 'tmpfs', disk], {
    encoding: 'utf8',
  });
  if (mounted.status !== 0) {
    await rm(disk, { recursive: true, force: true });
    const why = mounted.error?.message ?? mounted.stderr.trim();
    return { goals: [], ended: null, lines: [`Not run: a disk that can be filled needs root and mount(8). ${why}`] };
  }
  // The database's own user has to get there; mkdtemp closes its folders to everybody else.
  await chmod(disk, 0o755);
  try {
    return await onThisDisk(disk, options);
  } finally {
    spawnSync('umount', ['-l', disk]);
    await rm(disk, { recursive: true, force: true });
  }
}

async function onThisDisk(disk: string, options: Parameters<typeof diskFullLeg>[0]): Promise<Leg> {
  const { seed, signal } = options;
  const log = new StrikeLog();
  const note = (text: string) => options.tell?.(`full disk: ${text}`);
  const place = await setUp(
    { seed, organizations: 40, foreign: 0, doors: 2, spares: 0, leaseMs: null, dataDir: join(disk, 'cluster') },
    note,
  );
  const load = new Load({
    doors: () => place.fleet.open,
    apiKey: place.settings.apiKey,
    random: new Random(seed + 3),
    organizations: place.organizations,
    perSecond: 25,
    atOnce: 40,
  });
  try {
    load.start();
    await pause(1_000);
    const filler = join(disk, 'filler');
    note('filling it');
    await fill(filler);
    log.note('disk_full', null, 'the disk of PostgreSQL is full');
    await pause(fullForMs);
    await rm(filler);
    log.note('disk_full', null, 'the disk has room again');
    // A server that could not write its log ended itself; whoever supervises it starts it again, as npm start does.
    const restarted = await startAgainIfDown(place);
    await pause(500);
    await load.stopBeginning();
    const ended = await endAndJudge({ place, load, log, leaseMs: promised.leaseMs, again: 10, signal, tell: note });
    const refused = ended.evidence.stories
      .flatMap(({ attempts }) => attempts)
      .filter(({ heard }) => heard.is === 'nothing_written' || heard.is === 'unknown').length;
    return {
      ended,
      goals: [
        {
          title: 'a full disk: violations, and answers that said that nothing, or nothing known, was written',
          wanted: '0, and >= 1',
          got: `${ended.findings.length}, and ${refused}`,
          met: ended.findings.length === 0 && refused > 0,
        },
      ],
      lines: [
        ...log.strikes.map(({ at, what }) => `${new Date(at).toISOString()}  ${what}`),
        `${refused} answers said that nothing was written, or that nobody knows.`,
        restarted ? 'PostgreSQL had ended itself and was started again.' : 'PostgreSQL stayed up all the time.',
        ended.settledMs === null
          ? 'It did not settle.'
          : `Settled ${ended.settledMs} ms after the disk had room again.`,
      ],
    };
  } finally {
    load.close();
    await place.close();
  }
}

/** Writes until there is no room for another byte. */
async function fill(file: string): Promise<void> {
  const block = Buffer.alloc(1024 * 1024);
  const handle = await open(file, 'w');
  try {
    for (let written = 0; written < 2 * diskBytes; written += block.length) await handle.write(block);
    throw new Error('The disk does not fill up.');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  } finally {
    await handle.close();
  }
}

async function startAgainIfDown(place: Place): Promise<boolean> {
  if (place.postgres.pid !== undefined) return false;
  await place.postgres.restart();
  if (place.postgres.pid !== undefined) place.children.guard(place.postgres.pid);
  return true;
}
