/** `@seatbelt/widget/headless`: what the seat manager knows and does, for a look of your own. */
export { createSeatsClient, type SeatsClient, type SeatsClientOptions } from '../client/index.ts';
export { formatMoney } from '../client/money.ts';
export { type Bounds, boundsOf, complaintAbout, readSeats } from './bounds.ts';
export { type Meter, type MeterPart, meterOf } from './picture.ts';
export { priceSentence } from './price-sentence.ts';
export { type Stage, stageOf } from './stage.ts';
export { type SeatManagerHook, useSeatManager } from './use-seat-manager.ts';
export { type SeatStepper, useSeatStepper } from './use-seat-stepper.ts';
export { english, type StageName, type Words } from './words.ts';
