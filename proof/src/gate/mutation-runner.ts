/**
 * How Stryker runs the direct tests of the core: all of them in one process that stays, because they are pure. A process
 * for every mutant and file would take an hour for what takes a minute here. Only the tests that come by a mutant are run
 * for it, and they stop at the first that fails. A mutant that does not come to an end is ended by Stryker's counter of
 * hits, or by Stryker, which then starts a new process.
 */
import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { InstrumenterContext, StrykerOptions } from '@stryker-mutator/api/core';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';
import {
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';

/** The counters inside the instrumented code; what is not set is as good as absent. */
type Context = { [Field in keyof InstrumenterContext]: InstrumenterContext[Field] | undefined };

interface Collected {
  readonly id: string;
  readonly name: string;
  readonly run: () => unknown;
}

/** What `import { test } from 'node:test'` brings in the tests of the core: a list instead of a run. */
const collector = 'data:text/javascript,export const test = (name, run) => globalThis.seatbeltCoreTest(name, run);';

class InProcessRunner implements TestRunner {
  static inject = tokens(commonTokens.options);
  readonly #files: readonly string[];
  readonly #context: Context;
  #tests: Collected[] | null = null;

  constructor(options: StrykerOptions) {
    this.#files = options.coreTests as string[];
    const global = globalThis as { __stryker__?: Context };
    global.__stryker__ ??= {};
    this.#context = global.__stryker__;
  }

  /** A module that is loaded stays loaded: what happens at loading needs a new process. */
  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: false };
  }

  async dryRun(): Promise<DryRunResult> {
    const ran = await this.#run(await this.#load());
    const { mutantCoverage } = this.#context;
    return ran.status === DryRunStatus.Complete && mutantCoverage ? { ...ran, mutantCoverage } : ran;
  }

  async mutantRun({
    activeMutant,
    testFilter,
    hitLimit,
    mutantActivation,
  }: MutantRunOptions): Promise<MutantRunResult> {
    const context = this.#context;
    // What happens at loading has to be the mutant's; everything else must not be.
    context.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined;
    const tests = await this.#load();
    context.activeMutant = activeMutant.id;
    context.hitCount = 0;
    context.hitLimit = hitLimit;
    const wanted = testFilter && new Set(testFilter);
    const ran = await this.#run(wanted ? tests.filter(({ id }) => wanted.has(id)) : tests, true);
    return toMutantRunResult(determineHitLimitReached(context.hitCount, hitLimit) ?? ran);
  }

  async #load(): Promise<readonly Collected[]> {
    if (this.#tests !== null) return this.#tests;
    const tests: Collected[] = [];
    let loading = '';
    (globalThis as { seatbeltCoreTest?: (name: string, run: () => unknown) => void }).seatbeltCoreTest = (
      name,
      run,
    ) => {
      tests.push({ id: `${loading}#${tests.length}`, name, run });
    };
    registerHooks({
      resolve: (specifier, where, next) =>
        specifier === 'node:test' ? { url: collector, shortCircuit: true } : next(specifier, where),
    });
    for (const file of this.#files) {
      loading = file;
      await import(pathToFileURL(join(process.cwd(), file)).href);
    }
    this.#tests = tests;
    return tests;
  }

  async #run(tests: readonly Collected[], untilOneFails = false): Promise<DryRunResult> {
    const results: TestResult[] = [];
    for (const { id, name, run } of tests) {
      this.#context.currentTestId = id;
      const beganAt = performance.now();
      const failure = await failureOf(run);
      const told = { id, name, timeSpentMs: performance.now() - beganAt };
      results.push(
        failure === null
          ? { ...told, status: TestStatus.Success }
          : { ...told, status: TestStatus.Failed, failureMessage: failure },
      );
      if (failure !== null && untilOneFails) break;
    }
    this.#context.currentTestId = undefined;
    return { status: DryRunStatus.Complete, tests: results };
  }
}

async function failureOf(run: () => unknown): Promise<string | null> {
  try {
    await run();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'core-in-process', InProcessRunner)];
