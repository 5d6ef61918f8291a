import { SetupError, webhookSecretTrouble } from 'seatbelt/environment';
import { environment } from './environment.ts';
import { logger } from './logger.ts';
import { mailSettings } from './mail/settings.ts';
import { proxiesInFront } from './place.ts';

/**
 * What whoever starts this has to hear at once, and not whoever waits for a mail later. A malformed setting ends the
 * process: Next itself would go on and answer every request with an error.
 */
export function checkStart(): void {
  const { stripe } = orExit(environment);
  const trouble = webhookSecretTrouble(stripe?.webhookSecret ?? '');
  if (trouble !== null) logger.warn(trouble);
  orExit(proxiesInFront);
  const mail = orExit(mailSettings);
  if (mail.is === 'off' && (process.env.SEATBELT_OPERATORS ?? '') !== '') {
    logger.warn(
      `SEATBELT_OPERATORS is set and mail is off because ${mail.because}: no further address can be confirmed, and nobody becomes staff without that.`,
    );
  }
}

function orExit<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    logger.fatal({ variable: error.variable }, error.message);
    process.exit(1);
  }
}
