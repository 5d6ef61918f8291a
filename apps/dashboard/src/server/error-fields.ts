import { stdSerializers } from 'pino';

/**
 * An error as the log has it. pino takes `type` from the class, and a build gives classes names of a letter; the errors of ours
 * and of the language say what they are in `name`, which no build touches.
 */
export function errorFields(error: Error): object {
  const fields = stdSerializers.err(error);
  return error instanceof Error ? { ...fields, type: error.name } : fields;
}
