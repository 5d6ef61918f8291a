/**
 * `@seatbelt/widget`: a seat manager for React 19.
 *
 *     import { createSeatsClient, SeatManager } from '@seatbelt/widget';
 *     import '@seatbelt/widget/style.css';
 *
 *     const client = createSeatsClient();
 *     <SeatManager client={client} />
 */
export * from './client/index.ts';
export { english, type Words } from './headless/words.ts';
export { SeatManager, type SeatManagerProps } from './react/seat-manager.tsx';
