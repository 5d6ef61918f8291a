/** One test that did not pass, as it is shown at the end. */
export type Failure = { file: string; name: string; details: string };

/** One test that was left out, and why. */
export type Skip = { file: string; name: string; reason: string };

/** What came of a test file or of a check. */
export type Result = {
  title: string;
  passed: number;
  failures: Failure[];
  skips: Skip[];
  seconds: number;
  /** It passed by itself, and this is what failed before, when it ran beside others. */
  failedBesideOthers?: Failure[];
};

/** Something the run has to do: the title is what the progress line says, `run` never throws. */
export type Job = {
  title: string;
  /** It mostly waits: for a browser, a lease, a product that starts. */
  waits?: boolean;
  /** The title of a job that has to be over before this one starts. */
  after?: string;
  run(signal: AbortSignal): Promise<Result>;
};
