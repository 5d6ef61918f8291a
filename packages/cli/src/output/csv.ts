/** One line of CSV as RFC 4180 has it. Values are not altered, so that a hash over them still fits. */
export function csvLine(values: readonly (string | number | null)[]): string {
  return `${values.map((value) => (value === null ? '' : quoted(String(value)))).join(',')}\r\n`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}
