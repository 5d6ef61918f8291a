import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { betterAuthProgram } from '../src/comparison/better-auth/program.ts';
import { columns } from '../src/comparison/columns.ts';
import { type Comparison, compare, faultsOf } from '../src/comparison/compare.ts';
import { type AtRest, count } from '../src/comparison/count.ts';
import { picture } from '../src/comparison/picture.ts';
import type { ProgramName } from '../src/comparison/programs.ts';
import { table } from '../src/comparison/table.ts';
import { judged } from '../src/gate/comparison.ts';

const size = {
  together: 4,
  atOnce: 8,
  share: 0.6,
  processes: 2,
  waitMs: 1_000,
  organizations: 8,
  stripeMs: 10,
  kills: 1,
  connectionCuts: 2,
} as const;

/** Ten before, one who joined and was told so, one number everywhere; and what is different about this one. */
function atRest(different: Partial<AtRest>): AtRest {
  return {
    organization: 'org_0',
    startedWith: 10,
    people: new Set(['ann']),
    held: 11,
    stored: 11,
    billed: 11,
    callers: [{ person: 'ann', heard: 'success' }],
    ...different,
  };
}

const nothing = {
  organizationsApart: 0,
  chargedForNobody: 0,
  notCharged: 0,
  lostUpdates: 0,
  neverHeard: 0,
  toldUntrue: 0,
};

test('a database that better-auth cannot reach makes its webhook answer 500, as any framework would, and ends no process', async () => {
  const databaseUrl = 'postgres://nobody@127.0.0.1:1/nothing';
  const program = betterAuthProgram({
    name: 'better-auth',
    databaseUrl,
    stripePort: 1,
    webhookSecret: 'whsec_comparison',
    price: 'price_1',
    waitMs: 0,
  });
  try {
    assert.equal(await program.webhook?.('{}', 't=1,v1=0'), 500);
  } finally {
    await program.close();
  }
});

describe('what is counted of one organization', () => {
  test('nothing, when people, stored number, bill and what was said are one', () => {
    assert.deepEqual(count([atRest({})]), nothing);
  });

  test('a seat that is billed and that nobody holds', () => {
    const left = atRest({ people: new Set(), held: 10, stored: 10, callers: [{ person: 'ann', heard: 'nothing' }] });
    assert.deepEqual(count([left]), { ...nothing, organizationsApart: 1, chargedForNobody: 1, neverHeard: 1 });
  });

  test('a seat that is held and not billed makes no "yes" untrue', () => {
    assert.deepEqual(count([atRest({ billed: 10 })]), { ...nothing, organizationsApart: 1, notCharged: 1 });
  });

  test('a stored number that lost an update, in either direction', () => {
    assert.equal(count([atRest({ stored: 10 })]).lostUpdates, 1);
    assert.equal(count([atRest({ stored: 13 })]).lostUpdates, 2);
  });

  test('"that worked" of somebody who is not in', () => {
    const left = atRest({ people: new Set(), held: 10, stored: 10, billed: 10 });
    assert.deepEqual(count([left]), { ...nothing, toldUntrue: 1 });
  });

  test('"that did not work" of somebody who is in is one untruth, also when the seat is billed', () => {
    assert.equal(count([atRest({ callers: [{ person: 'ann', heard: 'failure' }] })]).toldUntrue, 1);
  });

  test('"that did not work" of a seat that is billed all the same', () => {
    const left = atRest({ people: new Set(), held: 10, stored: 10, callers: [{ person: 'ann', heard: 'failure' }] });
    assert.deepEqual(count([left]), { ...nothing, organizationsApart: 1, chargedForNobody: 1, toldUntrue: 1 });
  });

  test('a bill that somebody without an answer may have caused is no untruth to another', () => {
    const callers = [
      { person: 'ann', heard: 'nothing' },
      { person: 'ben', heard: 'failure' },
    ] as const;
    assert.deepEqual(count([atRest({ callers })]), { ...nothing, neverHeard: 1 });
  });
});

// One run for what needs a run: real processes, a real database, the simulator, the npm packages.
describe('the comparison, small', () => {
  let comparison: Comparison;

  test('the same faults strike four programs, and Seatbelt alone leaves nothing', async () => {
    const only: ProgramName[] = ['usual, row locked', 'Stripe-first', 'better-auth', 'Seatbelt'];
    const signal = new AbortController().signal;
    let told = 0;
    const tell = () => {
      told += 1;
    };
    comparison = await compare(size, 20_261_122, { signal, tell }, only);
    assert.deepEqual(
      comparison.programs.map(({ program, callers }) => [program, callers]),
      only.map((program) => [program, size.organizations * size.together]),
    );
    assert.equal(told, only.length * size.organizations * size.together);
    for (const figures of comparison.programs) {
      assert.ok(faultsOf(figures) > 0, `no fault struck ${figures.program}`);
      assert.equal(
        Object.values(figures.heard).reduce((sum, heard) => sum + heard, 0),
        figures.callers,
      );
    }
    const seatbelt = comparison.programs.find(({ program }) => program === 'Seatbelt');
    assert.deepEqual(seatbelt?.atRest, nothing, seatbelt?.left.join('\n'));
    assert.deepEqual(seatbelt?.afterOneMore, nothing);
  });

  test('better-auth is the real one: its versions are those of the installed packages, and its hook reached Stripe', () => {
    const found = comparison.programs.find(({ program }) => program === 'better-auth');
    assert.match(found?.versions ?? '', /^better-auth 1\.7\.6, @better-auth\/stripe 1\.7\.6, stripe 22\./);
    assert.ok((found?.heard.success ?? 0) > 0);
    // Faults at Stripe strike what writes a quantity there, and without its hook nobody who joined would ever be billed.
    assert.ok(Object.values(found?.struck ?? {}).some((times) => times > 0));
    assert.equal(found?.afterOneMore.notCharged, 0);
  });

  test('the gate is content with it, and is not when Seatbelt had left something or the faults had not bitten', () => {
    const { goals, violations } = judged([comparison]);
    assert.deepEqual(
      goals.filter(({ met }) => !met),
      [],
    );
    assert.deepEqual(violations, []);
    const spoiled = {
      ...comparison,
      programs: comparison.programs.map((figures) => ({
        ...figures,
        atRest: figures.program === 'Seatbelt' ? { ...nothing, notCharged: 2 } : nothing,
      })),
    };
    const judgement = judged([spoiled]);
    assert.equal(judgement.goals.filter(({ met }) => !met).length, 2);
    assert.deepEqual(
      judgement.violations.map(({ guarantee, message }) => [guarantee, message]),
      [['G5', 'Seatbelt: seats held that are not charged: 2 (seed 20261122)']],
    );
  });

  test('table and picture show every program and column', () => {
    const shown = table(comparison);
    const drawn = picture(comparison);
    for (const { program } of comparison.programs) assert.ok(shown.includes(program) && drawn.includes(program));
    for (const { title, short } of columns) assert.ok(shown.includes(title) && drawn.includes(short));
    assert.doesNotMatch(drawn, /undefined|NaN/);
    assert.match(drawn, /prefers-color-scheme: dark/);
  });
});
