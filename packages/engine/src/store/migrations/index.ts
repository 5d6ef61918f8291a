import { sql as first } from './0001-accounts-changes-pushes-audit.ts';
import { sql as second } from './0002-host-events-by-type.ts';
import { sql as third } from './0003-foreign-changes.ts';
import { sql as fourth } from './0004-how-and-when-billed.ts';
import { sql as fifth } from './0005-watched.ts';
import { sql as sixth } from './0006-payment-refusals.ts';
import { sql as seventh } from './0007-duplicates.ts';
import { sql as eighth } from './0008-what-is-open.ts';
import { sql as ninth } from './0009-reversals.ts';
import { sql as tenth } from './0010-turns-after-a-clock-set-back.ts';
import { sql as eleventh } from './0011-kept-marks.ts';

/** In order; the name is what the migrations table remembers. */
export const migrations: readonly { readonly name: string; readonly sql: string }[] = [
  { name: '0001-accounts-changes-pushes-audit', sql: first },
  { name: '0002-host-events-by-type', sql: second },
  { name: '0003-foreign-changes', sql: third },
  { name: '0004-how-and-when-billed', sql: fourth },
  { name: '0005-watched', sql: fifth },
  { name: '0006-payment-refusals', sql: sixth },
  { name: '0007-duplicates', sql: seventh },
  { name: '0008-what-is-open', sql: eighth },
  { name: '0009-reversals', sql: ninth },
  { name: '0010-turns-after-a-clock-set-back', sql: tenth },
  { name: '0011-kept-marks', sql: eleventh },
];
