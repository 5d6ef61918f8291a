/** `seatbelt/widget`: what a host's server needs for the widget on another origin. */
export type { Authorization } from './authorization.ts';
export { type CorsOptions, withCors } from './cors.ts';
export { type WidgetTokenOptions, type WidgetTokens, widgetTokens } from './widget-token.ts';
