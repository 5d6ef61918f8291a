import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DatabaseError } from './failure.ts';
import { RefusedWrites, rememberingRefusals } from './refused-writes.ts';
import type { Connections } from './types.ts';

function failed(code: string): DatabaseError {
  return new DatabaseError({ kind: 'rejected', code, constraint: null, message: code }, null);
}

/** Connections on which every statement, and every commit, ends as its text says. */
function connections(): Connections {
  const executeSql: Connections['executeSql'] = async (text) => {
    if (/^\w{5}$/.test(text)) throw failed(text);
    return { rows: [], rowCount: 0 };
  };
  return {
    owned: false,
    executeSql,
    async transaction(work) {
      let atCommit = '';
      const result = await work({
        async executeSql(text, values) {
          atCommit ||= text.startsWith('deferred ') ? text.slice('deferred '.length) : '';
          return await executeSql(text, values);
        },
      });
      if (atCommit !== '') throw failed(atCommit);
      return result;
    },
    close: async () => {},
  };
}

describe('what was refused', () => {
  test('a disk that is full and a server that takes no writes, and no other failure', async () => {
    for (const [code, refuses] of [
      ['53100', true],
      ['25006', true],
      ['23505', false],
      ['40001', false],
    ] as const) {
      const database = rememberingRefusals(connections());
      await assert.rejects(database.executeSql(code, []));
      assert.equal(database.refusesWrites(), refuses, code);
    }
  });

  test('at the commit of a transaction too, and a transaction that commits takes that back', async () => {
    const database = rememberingRefusals(connections());
    await assert.rejects(database.transaction((tx) => tx.executeSql('deferred 53100', [])));
    assert.equal(database.refusesWrites(), true);
    await database.executeSql('select', []);
    assert.equal(database.refusesWrites(), true, 'a reading proves nothing');
    await database.transaction((tx) => tx.executeSql('insert', []));
    assert.equal(database.refusesWrites(), false);
  });

  test('a statement that went through, and was then rolled back for something else, proves nothing', async () => {
    let full = true;
    const plain = connections();
    const database = rememberingRefusals({
      ...plain,
      executeSql: (text, values) => plain.executeSql(full && text === 'insert' ? '53100' : text, values),
    });
    await assert.rejects(database.executeSql('insert', []));
    full = false;
    await assert.rejects(
      database.transaction(async (tx) => {
        await tx.executeSql('insert', []);
        await tx.executeSql('23505', []);
      }),
    );
    assert.equal(database.refusesWrites(), true);
    await database.executeSql('insert', []);
    assert.equal(database.refusesWrites(), false);
  });

  test('what nobody has tried for five minutes is not known any more', () => {
    let now = 0;
    const refused = new RefusedWrites(() => now);
    refused.failed('insert', failed('53100'));
    now = 5 * 60_000;
    assert.equal(refused.any(), true);
    now += 1;
    assert.equal(refused.any(), false);
  });
});
