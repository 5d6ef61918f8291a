/**
 * What a part may put into its `data` so that the report draws it. An entry that is none of these is shown as it is.
 * Everything is JSON, because a part runs in a process of its own.
 */
export type Drawing = HeatMap | Distribution | Timeline | Table | Picture;

/** How often each pair was met. `impossible`: pairs that cannot be met, as `row x column`, with the reason. */
export interface HeatMap {
  readonly kind: 'heatmap';
  readonly title: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** `cells[row][column]`. */
  readonly cells: readonly (readonly number[])[];
  readonly impossible: Readonly<Record<string, string>>;
  /** Cells below this are marked as thin. */
  readonly wanted: number;
}

/** Values in one unit, in any order; the report makes the bins and the percentiles. */
export interface Distribution {
  readonly kind: 'distribution';
  readonly title: string;
  /** `ms`, or a word. */
  readonly unit: string;
  readonly values: readonly number[];
}

/** One story, line by line. */
export interface Timeline {
  readonly kind: 'timeline';
  readonly title: string;
  readonly lines: readonly string[];
}

export interface Table {
  readonly kind: 'table';
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number | boolean | null)[])[];
  /** What has to be known to read it fairly. */
  readonly note?: string;
}

/** A picture that the part has drawn itself, as SVG text that uses `currentColor` and CSS variables of the report. */
export interface Picture {
  readonly kind: 'picture';
  readonly title: string;
  readonly svg: string;
}

/** Whether an entry of `data` is a drawing that the report knows. Only the kind is asked; a part is code of ours. */
export function isDrawing(value: unknown): value is Drawing {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  return ['heatmap', 'distribution', 'timeline', 'table', 'picture'].includes(String(value.kind));
}
