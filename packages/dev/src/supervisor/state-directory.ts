import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemCode } from '../embedded-postgres/problem.ts';
import { makeFolder } from '../make-folder.ts';
import { repositoryRoot } from '../repository.ts';
import { closedMode, closeToOthers } from './closed-folder.ts';
import { StartProblem } from './start-problem.ts';

/** Where `npm start` keeps what has to survive: the cluster, the simulator's account, and the secrets between them. */
export type StateDirectory = {
  folder: string;
  /** The data directory of the embedded PostgreSQL. */
  postgres: string;
  /** The simulator's state file. */
  simulator: string;
  secrets: string;
  /** A trial's addresses and keys as shell variables, for people and their programs. */
  environment: string;
  /** What is running, for the next start to find. */
  running: string;
};

// With `.lock`, `.new`, `.unfinished-…` and the like behind it.
const ours = /^(\.gitignore|(postgres|stripe\.state|secrets\.json|environment|running\.json)(\..+)?)$/;

/** `.seatbelt` in the checkout, or the folder that SEATBELT_STATE_DIR names; made if need be. */
export function openStateDirectory(environment: NodeJS.ProcessEnv): StateDirectory {
  const named = environment.SEATBELT_STATE_DIR;
  const folder = named === undefined || named === '' ? join(repositoryRoot, '.seatbelt') : resolve(named);
  try {
    makeFolder(folder, closedMode());
    writeFileSync(join(folder, '.gitignore'), '*\n');
    closeToOthers(folder, ours);
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    throw new StartProblem(
      'not_writable',
      `Nothing can be written to ${folder} (${code === 'ENOSPC' ? 'the disk is full' : (error as Error).message}). Set SEATBELT_STATE_DIR to a folder that belongs to you.`,
    );
  }
  return {
    folder,
    postgres: join(folder, 'postgres'),
    simulator: join(folder, 'stripe.state'),
    secrets: join(folder, 'secrets.json'),
    environment: join(folder, 'environment'),
    running: join(folder, 'running.json'),
  };
}

/** Made once for a trial; none of them opens anything outside this machine. */
export type TrialSecrets = {
  stripeSecretKey: string;
  stripeWebhookSecret: string;
  apiKey: string;
  tickSecret: string;
};

export function readOrMakeSecrets(state: StateDirectory): TrialSecrets {
  const fresh: TrialSecrets = {
    stripeSecretKey: `sk_test_${randomBytes(18).toString('hex')}`,
    stripeWebhookSecret: `whsec_${randomBytes(18).toString('hex')}`,
    apiKey: `sb_trial_${randomBytes(18).toString('hex')}`,
    tickSecret: randomBytes(18).toString('hex'),
  };
  const kept = readJson<Partial<TrialSecrets>>(state.secrets) ?? {};
  const secrets = { ...fresh, ...kept };
  writeJson(state.secrets, secrets);
  return secrets;
}

/** The file to `source` before using curl, psql or the command line against a trial. */
export function writeEnvironmentFile(state: StateDirectory, variables: NodeJS.ProcessEnv): void {
  const names = [
    'DATABASE_URL',
    'STRIPE_SECRET_KEY',
    'STRIPE_API_BASE',
    'STRIPE_WEBHOOK_SECRET',
    'SEATBELT_API_KEY',
    'SEATBELT_ENVIRONMENT',
    'SEATBELT_TRIAL',
  ];
  const lines = names
    .filter((name) => variables[name] !== undefined)
    .map((name) => `${name}='${String(variables[name]).replaceAll("'", "'\\''")}'`);
  replaceFile(state.environment, `${lines.join('\n')}\n`);
}

/**
 * Undefined where there is no such file, or where it does not hold JSON: a kill -9 while an older program wrote it.
 * @throws StartProblem
 */
export function readJson<T>(path: string): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw fileProblem(path, error);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Readable by its owner only, unless `mode` says otherwise. @throws StartProblem */
export function writeJson(path: string, value: unknown, mode = 0o600): void {
  replaceFile(path, `${JSON.stringify(value, null, 2)}\n`, mode);
}

/** Written beside and renamed, so that a kill in the middle leaves the old text. */
function replaceFile(path: string, text: string, mode = 0o600): void {
  const unfinished = `${path}.unfinished-${process.pid}`;
  try {
    writeFileSync(unfinished, text, { mode });
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw fileProblem(path, error);
  }
}

/** What the world did to a file of ours, as a StartProblem; anything else as it is. */
export function fileProblem(path: string, error: unknown): unknown {
  const code = systemCode(error);
  if (code === undefined || !(error instanceof Error)) return error;
  const sentence = (text: string) => new StartProblem('file_unusable', text, { cause: error });
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return sentence(`There is no space left on the disk of ${path}. Free some and start again.`);
  }
  if (code === 'EISDIR' || code === 'ERR_FS_EISDIR') {
    return sentence(`${path} is a folder where a file belongs. Move it away, and start again.`);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return sentence(
      `${path} cannot be read and written by this user (${error.message}). It was probably made by starting as another user, or with sudo: give it to this one by chown, or move it away.`,
    );
  }
  return sentence(`${path} cannot be used (${error.message}).`);
}
