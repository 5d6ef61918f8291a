/** `2026-11-22 16:20:05` in UTC, of a unix second. */
export function moment(seconds) {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** `16:20:05` in UTC. */
export function timeOfDay(seconds) {
  return moment(seconds).slice(11);
}

/** Currencies whose smallest unit is the whole unit (Stripe's list of zero-decimal currencies). */
const ZERO_DECIMAL = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf'.split(' '));

/** An amount in the currency's smallest unit, as money. */
export function money(amount, currency) {
  const digits = ZERO_DECIMAL.has(currency) ? 0 : 2;
  return new Intl.NumberFormat('en-US', {
    style: 'currency',
    currency: currency.toUpperCase(),
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount / 10 ** digits);
}

/** Whether a thing matches what was typed into the filter: every word has to occur somewhere in it. */
export function matcher(typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return (thing) => {
    if (words.length === 0) return true;
    const text = JSON.stringify(thing).toLowerCase();
    return words.every((word) => text.includes(word));
  };
}

export function count(number, one, many = `${one}s`) {
  return `${number.toLocaleString('en-US')} ${number === 1 ? one : many}`;
}
