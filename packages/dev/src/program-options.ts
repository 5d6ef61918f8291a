import { type ParseArgsConfig, parseArgs } from 'node:util';

/** The options of a program of this repository. What it does not take is said in a sentence above its usage, with exit code 2. */
export function programOptions<const Config extends ParseArgsConfig>(usage: string, config: Config) {
  try {
    return parseArgs(config);
  } catch (error) {
    const isAboutOptions =
      error instanceof TypeError && 'code' in error && `${error.code}`.startsWith('ERR_PARSE_ARGS');
    if (!isAboutOptions) throw error;
    return refuseOptions(usage, error.message);
  }
}

/** @returns the number, for which `--<name> <text>` was given */
export function wholeNumber(usage: string, name: string, text: string, least: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(number) && number >= least) return number;
  return refuseOptions(usage, `--${name} takes a whole number from ${least} up, not "${text}".`);
}

export function refuseOptions(usage: string, sentence: string): never {
  console.error(`${sentence}\n\n${usage.trimEnd()}`);
  process.exit(2);
}
