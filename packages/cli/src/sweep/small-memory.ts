import { setFlagsFromString } from 'node:v8';

/**
 * A sweep reads gigabytes of lists and keeps nothing of them, so nearly all of what V8 holds is garbage that it has not got
 * round to. Left alone it lets the heap grow to several times of what lives; these two tell it to collect early instead. They are
 * V8's own and may go away; then a sweep takes more memory and is right all the same.
 */
export function keepMemorySmall(): void {
  setFlagsFromString('--heap-growing-percent=20');
  setFlagsFromString('--semi-space-growth-factor=1');
}
