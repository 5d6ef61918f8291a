import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { startPostgres } from '../src/embedded-postgres/index.ts';
import { ownFolder } from '../src/own-folder.ts';
import { openStateDirectory, readOrMakeSecrets } from '../src/supervisor/state-directory.ts';

const isRoot = process.getuid?.() === 0;
const scratch = mkdtempSync(join(tmpdir(), 'seatbelt-state-'));
// Root's PostgreSQL runs as another user, who has to get as far as the folder.
chmodSync(scratch, 0o755);
after(() => rmSync(scratch, { recursive: true, force: true }));

/** Root's is passed through by the server's user, and read by nobody. */
const closed = isRoot ? 0o711 : 0o700;
const modeOf = (path: string) => statSync(path).mode & 0o7777;
const open = (folder: string) => openStateDirectory({ SEATBELT_STATE_DIR: folder });

describe('the folder of a trial is closed to others', () => {
  test('when it is made, and the folders above it are as usual', () => {
    const above = join(scratch, 'above');
    open(join(above, 'state'));
    assert.equal(modeOf(join(above, 'state')), closed);
    assert.equal(modeOf(above), 0o777 & ~process.umask());
  });

  test('when an older version has made it', () => {
    const state = open(join(scratch, 'older'));
    readOrMakeSecrets(state);
    mkdirSync(state.postgres);
    writeFileSync(`${state.simulator}.lock`, '1');
    chmodSync(state.folder, 0o755);
    open(state.folder);
    assert.equal(modeOf(state.folder), closed);
  });

  test('through a link', () => {
    const behind = join(scratch, 'behind');
    mkdirSync(behind, { mode: 0o755 });
    symlinkSync(behind, join(scratch, 'link'));
    open(join(scratch, 'link'));
    assert.equal(modeOf(behind), closed);
  });

  for (const [what, mode, entry] of [
    ['something else lies in it', 0o755, 'photographs'],
    ['it is everybody’s', 0o1777, undefined],
  ] as const) {
    test(`but not where ${what}`, () => {
      const folder = mkdtempSync(join(scratch, 'shared-'));
      if (entry !== undefined) writeFileSync(join(folder, entry), '');
      chmodSync(folder, mode);
      open(folder);
      open(folder);
      assert.equal(modeOf(folder), mode);
    });
  }

  test('but not to the PostgreSQL that root starts, which runs as another user', {
    skip: isRoot ? false : 'needs root',
  }, async () => {
    const state = open(join(scratch, 'roots'));
    const postgres = await startPostgres({ dataDir: state.postgres, durable: false });
    await postgres.stop();
    assert.equal(postgres.dataDir, state.postgres, 'no link to another place');
    const script = 'ls "$0" || echo closed';
    const { stdout } = spawnSync('sh', ['-c', script, state.folder], { uid: 65_534, gid: 65_534, encoding: 'utf8' });
    assert.equal(stdout, 'closed\n');
  });
});

test('a folder that the system will not have is an error, and no endless attempt', () => {
  const script = `
    import { ownFolder } from ${JSON.stringify(join(import.meta.dirname, '../src/own-folder.ts'))};
    ownFolder('/proc/nope/deeper');
  `;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    timeout: 20_000,
    encoding: 'utf8',
  });
  assert.equal(status, 1);
  assert.match(stderr, /\/proc\/nope/);
  assert.equal(ownFolder(join(scratch, 'several', 'at', 'once')), join(scratch, 'several', 'at', 'once'));
});
