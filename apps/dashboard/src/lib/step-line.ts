/** One moment and the value that holds from it on. */
export interface Point {
  readonly at: number;
  readonly value: number;
}

export interface StepLine {
  /** An SVG path: a number of seats holds until the next one, so the line goes in steps. */
  readonly path: string;
  readonly highest: number;
  readonly from: number;
  readonly until: number;
}

/** Lays points out in a box whose upper left corner is 0, 0. `points` are in order; the last value holds until `until`. */
export function stepLine(
  points: readonly Point[],
  until: number,
  box: { readonly width: number; readonly height: number },
): StepLine | null {
  const [first] = points;
  if (first === undefined) return null;
  const highest = points.reduce((most, { value }) => Math.max(value, most), 1);
  const span = until - first.at || 1;
  const x = (at: number) => round(((at - first.at) / span) * box.width);
  const y = (value: number) => round(box.height - (value / highest) * box.height);
  const steps = points.slice(1).map(({ at, value }) => `H${x(at)}V${y(value)}`);
  return {
    path: `M0 ${y(first.value)}${steps.join('')}H${x(until)}`,
    highest,
    from: first.at,
    until,
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
