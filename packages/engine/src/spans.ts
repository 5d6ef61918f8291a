import { type Attributes, type Span, SpanStatusCode, trace } from '@opentelemetry/api';

/**
 * Spans of OpenTelemetry, by its API alone: where the host runs no SDK they cost a function call and go nowhere.
 * Names and attributes are listed in docs/observability.md; a test holds the two together.
 */
export const spanNames = {
  /** One request of a caller, from its acceptance to the answer. */
  change: 'seatbelt.change',
  /** One send of a push to Stripe. */
  push: 'seatbelt.push',
  /** One reading of Stripe. */
  look: 'seatbelt.look',
  /** One round of a worker or of the tick route. */
  tick: 'seatbelt.tick',
} as const;

/** Runs `work` in a span of that name. What it throws marks the span and goes on being thrown. */
export function inSpan<T>(
  name: (typeof spanNames)[keyof typeof spanNames],
  attributes: Attributes,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  // Asked for each time: a host may register its SDK after it has imported the library.
  return trace.getTracer('seatbelt').startActiveSpan(name, { attributes }, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      if (error instanceof Error) span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : String(error) });
      throw error;
    } finally {
      span.end();
    }
  });
}
