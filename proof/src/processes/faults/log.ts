/** A fault that was done to a process, for the timeline and for asking which changes it interrupted. */
export interface Strike {
  readonly at: number;
  readonly kind:
    | 'kill'
    | 'freeze'
    | 'thaw'
    | 'simulator_restart'
    | 'foreign_change'
    | 'database_crash'
    | 'backend_end'
    | 'disk_full';
  /** The process it was done to; null: not a server of ours, everybody felt it. */
  readonly pid: number | null;
  readonly what: string;
}

/** What was done, in order. */
export class StrikeLog {
  readonly strikes: Strike[] = [];

  note(kind: Strike['kind'], pid: number | null, what: string): void {
    this.strikes.push({ at: Date.now(), kind, pid, what });
  }

  count(kind: Strike['kind']): number {
    return this.strikes.filter((strike) => strike.kind === kind).length;
  }
}
