import type { ProblemBody } from 'seatbelt/http';

/** The server answered with a problem document (RFC 9457); `body.code` is the stable code to decide by. */
export class SeatsProblem extends Error {
  override readonly name = 'SeatsProblem';
  readonly body: ProblemBody;
  constructor(body: ProblemBody) {
    super(body.detail);
    this.body = body;
  }
}

/** No answer that can be read came back. About a change that means: nobody knows whether it arrived. */
export class SeatsUnreachable extends Error {
  override readonly name = 'SeatsUnreachable';
}
