import { setTimeout as pause } from 'node:timers/promises';
import { moveStoredTimes } from '@seatbelt/dev/move-stored-times';
import Stripe from 'stripe';
import { createSeatbelt } from '../../../packages/engine/src/index.ts';
import type { BenchServer } from '../lib/bench-server.ts';
import { round } from '../lib/figures.ts';
import { type TwoSides, twoSides } from '../lib/two-sides.ts';
import { drive, type Told } from './drive.ts';
import { armStripeFaults, cutDatabaseConnection } from './faults.ts';
import { type ProgramName, programNames } from './programs.ts';
import { startServers } from './servers.ts';
import { createUsualSchema, databaseSeats, handOver, startingSeats } from './set-up.ts';

export interface FaultsSize {
  readonly server: BenchServer;
  readonly organizations: number;
  readonly stripeMs: number;
  readonly atOnce: number;
  readonly seed: number;
  /** The part of the organizations that have a fault at Stripe. */
  readonly share: number;
  readonly kills: number;
  readonly connectionCuts: number;
  /** How long Seatbelt lets a caller wait before it says that it does not know yet. */
  readonly waitMs: number;
  /** `real`: a worker's poll every two seconds. `shifted`: stored times are moved back a minute per round instead. */
  readonly heal: 'real' | 'shifted';
}

export interface FaultsFigures {
  readonly program: ProgramName;
  readonly invites: number;
  readonly told: Record<Told['told'], number>;
  readonly struck: Record<string, number>;
  readonly callersKilled: number;
  /** Organizations with a change still open when the load ended; the usual program keeps no such thing. */
  readonly openAtEnd: number;
  readonly healRounds: number;
  readonly healSeconds: number;
  /** Organizations of which database and Stripe say different numbers, when all is over. */
  readonly disagreeing: number;
  /** Seats by which Stripe bills too many, and too few, against the database. */
  readonly billedTooMany: number;
  readonly billedTooFew: number;
  /** Lost updates: people who sit in an organization beyond its own seat count. */
  readonly uncountedPeople: number;
  /** The least number of callers whose answer cannot be true of what Stripe bills. */
  readonly toldWrong: number;
}

/** Invites of one organization that meet each other. */
const together = 4;

/** The same load and the same seeded faults on each program, and what is left when everything has come to rest. */
export async function underFaults(size: FaultsSize, tell: (sentence: string) => void): Promise<FaultsFigures[]> {
  const figures: FaultsFigures[] = [];
  for (const program of programNames) figures.push(await oneProgram(program, size, tell));
  return figures;
}

async function oneProgram(
  program: ProgramName,
  size: FaultsSize,
  tell: (sentence: string) => void,
): Promise<FaultsFigures> {
  tell(`usual version, with faults: ${program}`);
  await using place = await twoSides({
    server: size.server,
    organizations: size.organizations,
    seats: startingSeats,
    stripeMs: size.stripeMs,
  });
  await createUsualSchema(place);
  await handOver(place, program, place.customers);
  const faults = armStripeFaults(place, size);
  const servers = await startServers(
    { name: program, databaseUrl: place.url, stripePort: place.sim.port, waitMs: size.waitMs },
    2,
  );

  // Deaths and cuts come at set places of the run, evenly spread.
  const jobs = size.organizations * together;
  const killAt = places(jobs, size.kills);
  const cutAt = places(jobs, size.connectionCuts);
  const breaking: Promise<unknown>[] = [];
  let callersKilled = 0;
  let kills = 0;
  const { answers } = await drive(servers, place.customers, { together, atOnce: size.atOnce }, (begun) => {
    if (killAt.has(begun)) {
      kills += 1;
      breaking.push(servers.kill(kills).then((lost) => (callersKilled += lost)));
    }
    if (cutAt.has(begun)) breaking.push(cutDatabaseConnection(place));
  });
  await Promise.all(breaking);
  await servers.close();

  const struck = faults.struck();
  const openAtEnd = program === 'Seatbelt' ? await openAccounts(place).then((open) => open.length) : 0;
  const healed = program === 'Seatbelt' ? await heal(place, size.heal, tell) : { rounds: 0, seconds: 0 };
  return {
    program,
    invites: answers.length,
    told: countTold(answers),
    struck,
    callersKilled,
    openAtEnd,
    healRounds: healed.rounds,
    healSeconds: round(healed.seconds, 0),
    ...(await whatIsLeft(place, program, answers)),
  };
}

function places(jobs: number, count: number): Set<number> {
  return new Set(Array.from({ length: count }, (_, nth) => Math.floor(((nth + 0.5) * jobs) / count)));
}

async function whatIsLeft(place: TwoSides, program: ProgramName, answers: readonly Told[]) {
  const seats = await databaseSeats(place, program);
  const billed = place.stripeQuantities();
  const left = { disagreeing: 0, billedTooMany: 0, billedTooFew: 0, uncountedPeople: 0, toldWrong: 0 };
  for (const { organization, item } of place.customers) {
    const ours = seats.get(organization);
    const theirs = billed.get(item);
    if (ours === undefined || theirs === undefined) throw new Error(`${organization} is missing on one side.`);
    if (theirs !== ours.seats) left.disagreeing += 1;
    left.billedTooMany += Math.max(0, theirs - ours.seats);
    left.billedTooFew += Math.max(0, ours.seats - theirs);
    left.uncountedPeople += Math.max(0, ours.used - ours.seats);
    // Everybody who heard "success" bought a seat, whoever heard "failure" did not, and the others may or may not have.
    const told = countTold(answers.filter((answer) => answer.organization === organization));
    const least = startingSeats + told.success;
    const most = least + told.unknown + told.nothing;
    left.toldWrong += Math.max(0, least - theirs, theirs - most);
  }
  return left;
}

function countTold(answers: readonly Told[]): Record<Told['told'], number> {
  const counts = { success: 0, failure: 0, unknown: 0, nothing: 0 };
  for (const { told } of answers) counts[told] += 1;
  return counts;
}

const mostHealRounds = 120;

/** A worker goes on until nothing is open. @throws Error when it does not come to rest within the bound. */
async function heal(place: TwoSides, how: FaultsSize['heal'], tell: (sentence: string) => void) {
  const stripe = new Stripe('sk_test_bench', { host: '127.0.0.1', port: place.sim.port, protocol: 'http' });
  const seatbelt = createSeatbelt({ db: place.url, stripe, environment: 'bench' });
  const began = performance.now();
  try {
    for (let rounds = 0; rounds < mostHealRounds; rounds += 1) {
      const open = await openAccounts(place);
      if (open.length === 0) return { rounds, seconds: (performance.now() - began) / 1_000 };
      if (rounds % 10 === 0) tell(`usual version, with faults: Seatbelt heals, ${open.length} organizations open`);
      if (how === 'shifted') {
        for (const organization of open) await moveStoredTimes(place.pool, organization, 61_000);
      }
      await seatbelt.tick();
      if (how === 'real') await pause(2_000);
    }
    throw new Error(`Seatbelt did not come to rest within ${mostHealRounds} rounds: ${await openAccounts(place)}`);
  } finally {
    await seatbelt.close();
  }
}

async function openAccounts(place: TwoSides): Promise<string[]> {
  const { rows } = await place.pool.query<{ id: string }>(
    `select organization_id as id from seatbelt.accounts where push_id is not null or waiting_changes > 0`,
  );
  return rows.map(({ id }) => id);
}
