/** `@seatbelt/widget/client`: seats over HTTP without React. Runs in browsers, workers and Node alike. */
export type * from 'seatbelt/http';
export { createSeatsClient, type Ending, type SeatsClient, type SendOptions } from './client.ts';
export type { SeatsClientOptions } from './exchange.ts';
export { type Intention, purchase, usage } from './intention.ts';
export { createSeatManager, type Price, type SeatManagerState, type SeatManagerStore } from './manager.ts';
export { formatMoney, stripeDigits } from './money.ts';
export { SeatsProblem, SeatsUnreachable } from './problem.ts';
