/**
 * One part of the proof, as the gate sees it: it runs, tells how far it is, and ends with goals that were met or not.
 * A part judges itself by what it has seen; the gate only adds up, draws and prints.
 */
export interface Part {
  /** Stable, in kebab-case: the option `--only` and the report go by it. */
  readonly name: string;
  /** What a person reads beside the progress bar. */
  readonly title: string;
  run(context: PartContext): Promise<PartResult>;
}

/** `slice`: about a minute for all parts together, in `npm test`. `gate`: every CI run. `soak`: until the time is up. */
export type Size = 'slice' | 'gate' | 'soak';

export interface PartContext {
  readonly size: Size;
  /** Every random choice of the part comes from it. */
  readonly seed: number;
  /** For a soak: when to stop, in milliseconds since 1970; null: run to the part's own size. */
  readonly until: number | null;
  /** A short soak: it cannot do as much as the gate does, and is judged by what diverged. */
  readonly rehearsal: boolean;
  /** A violation elsewhere, or Ctrl-C: stop soon, and leave no process behind. */
  readonly signal: AbortSignal;
  progress(now: Progress): void;
}

export interface Progress {
  readonly done: number;
  /** null: unknown, as in a soak. */
  readonly total: number | null;
  /** Faults injected so far. */
  readonly faults: number;
  /** A few words: what is being done at the moment. */
  readonly note?: string;
}

export interface PartResult {
  readonly goals: readonly Goal[];
  readonly violations: readonly Violation[];
  readonly faults: number;
  /**
   * What the report draws from: matrices, distributions, timelines, tables, as in `drawings.ts`, under any name. JSON only.
   * A part is exported by its file under any name; `registry.ts` says which files there are.
   */
  readonly data: Readonly<Record<string, unknown>>;
  /** Where it came to no result of its own: what its process said last. */
  readonly failed?: readonly string[];
}

export interface Goal {
  /** `kills of real processes` */
  readonly title: string;
  /** `>= 250` */
  readonly wanted: string;
  /** `261`, as measured in this run. */
  readonly got: string;
  readonly met: boolean;
}

export interface Violation {
  /** `G5`, or what else was broken. */
  readonly guarantee: string;
  readonly message: string;
  /** The one command that shows it again; null where real processes make that impossible. */
  readonly replay: string | null;
  /** Lines, in order, that tell what happened. */
  readonly timeline: readonly string[];
}
