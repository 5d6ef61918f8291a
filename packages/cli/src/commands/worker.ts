import { readSentryDsn } from 'seatbelt/environment';
import { type CommonOptions, defineCommand } from '../define-command.ts';
import type { Program } from '../run.ts';
import { startSentry } from '../sentry.ts';
import { withSeatbelt } from '../with-seatbelt.ts';
import { workerLog } from '../worker-log.ts';

/** `seatbelt worker`: does what is due, until it is told to stop. */
export function workerCommand({ commander, io }: Program): void {
  defineCommand(commander, 'worker', 'do what is due, every two seconds, until SIGTERM or SIGINT')
    .addHelpText(
      'after',
      `
Run one or several: they share the work. On SIGTERM and SIGINT the round under way is finished first.
Logs one line of JSON per event (lines for people on a terminal; LOG_LEVEL, default info).
With SENTRY_DSN set, alerts go to Sentry as well. Run it wherever the dashboard or your own program does not.`,
    )
    .action(async (options: CommonOptions) => {
      const logger = workerLog(io, options.json === true);
      const sentry = await startSentry(readSentryDsn(io.env), io.env.SEATBELT_ENVIRONMENT);
      await withSeatbelt(
        io,
        { stripe: 'required', engine: { logger, ...(sentry ? { sentry } : {}) } },
        async (seatbelt) => {
          const stopped = io.stopSignal();
          // Whoever cannot take part says so now: an unknown schema or a refused login ends the process here, with its code.
          await seatbelt.overview();
          seatbelt.startWorker();
          logger.info({ sentry: sentry !== undefined }, 'The worker is running.');
          const signal = await stopped;
          logger.info({ signal }, 'Stopping: the round under way is finished first.');
        },
      );
      logger.info({}, 'The worker has stopped.');
    });
}
