/** A request as the pipeline sees it, whether it came through a socket or through `fetch`. */
export interface RawRequest {
  method: string;
  /** Path with query, as on the request line. */
  target: string;
  headers: Record<string, string | undefined>;
  body: string;
}

/** What the transport has to do. `drop` closes the connection without a byte, `cut` in the middle of the body. */
export type Outcome =
  | { kind: 'answer'; status: number; headers: Record<string, string>; body: string }
  | { kind: 'cut'; status: number; headers: Record<string, string>; body: string; sentBytes: number }
  | { kind: 'drop' };
