import { randomUUID } from 'node:crypto';
import type { Quote, SeatRequest } from '../core/types.ts';
import { holderMoves, holderNames, plainText, plainTextOrNull, wholeSeats } from '../input.ts';
import type { AddOptions, CommandOptions, HolderOptions, SetOptions, TransferOptions } from './options.ts';

/** What a caller said, screened and made into a request. Nothing is asked of the database here. @throws InvalidInput */

export function setRequest(seats: number, options: SetOptions, quote: Quote | null): SeatRequest {
  return {
    ...saidWith(options),
    type: 'set',
    seats,
    ...(options.expectedSeats === undefined
      ? {}
      : { expectedSeats: wholeSeats('expectedSeats', options.expectedSeats, 0) }),
    ...(quote ? { quote } : {}),
  };
}

export function addRequest(quantity: number, options: AddOptions): SeatRequest {
  return {
    ...saidWith(options),
    type: 'add',
    ...seatsFor(quantity, options),
    reserve: options.reserve ?? false,
    expand: options.expand ?? true,
    ...(options.buyAtMost === undefined ? {} : { buyAtMost: wholeSeats('buyAtMost', options.buyAtMost, 1) }),
  };
}

export function assignRequest(quantity: number, options: HolderOptions): SeatRequest {
  return { ...saidWith(options), type: 'assign', ...seatsFor(quantity, options) };
}

export function releaseRequest(quantity: number, options: HolderOptions): SeatRequest {
  return { ...saidWith(options), type: 'remove', ...seatsFor(quantity, options) };
}

export function transferRequest(quantity: number, options: TransferOptions): SeatRequest {
  const wanted = wholeSeats('quantity', quantity, 1);
  const holders = holderMoves(options.holders, wanted);
  return { ...saidWith(options), type: 'transfer', quantity: wanted, ...(holders ? { holders } : {}) };
}

function seatsFor(quantity: number, options: HolderOptions) {
  const wanted = wholeSeats('quantity', quantity, 1);
  const holders = holderNames(options.holders, wanted);
  return { quantity: wanted, ...(holders ? { holders } : {}) };
}

function saidWith(options: CommandOptions): Pick<SeatRequest, 'changeId' | 'idempotencyKey' | 'actor' | 'reason'> {
  return {
    changeId: randomUUID(),
    idempotencyKey: plainTextOrNull('idempotencyKey', options.idempotencyKey),
    actor: plainText('actor', options.actor ?? 'host'),
    reason: plainTextOrNull('reason', options.reason),
  };
}
