// Amounts are texts from the server to the screen; nothing here turns one into a number, except for the height of a
// point in a chart (see charts.js).

/** "-1234567.50" -> "-1,234,567.50" */
export function amount(text) {
  if (text === undefined || text === null || text === '') return '';
  const [, sign, whole, rest] = /^(-?)(\d+)(.*)$/.exec(String(text)) ?? [null, '', String(text), ''];
  return (sign ? '−' : '') + whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',') + rest;
}

/** A decimal text in units of 10^-18, exactly; nothing when it is none. */
function unitsOf(text) {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d{1,18}))?$/.exec(String(text)) ?? [];
  if (whole === undefined) return undefined;
  const units = BigInt(whole + fraction.padEnd(18, '0'));
  return sign ? -units : units;
}

/** The lesser of two decimal texts. */
export const lesser = (a, b) => (unitsOf(b) < unitsOf(a) ? b : a);

const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });
export function time(text) {
  if (!text) return '';
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : clock.format(date);
}

export const day = (offset = 0) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

/** The first moment behind a day, for ranges that leave their end out. */
export const dayAfter = (text) => new Date(Date.parse(`${text}T00:00:00Z`) + 86_400_000).toISOString();

/** A cell that a spreadsheet would run as a formula gets a quote before it. */
function cell(value) {
  let text = String(value ?? '');
  if (/^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text)) text = "'" + text;
  return /[",\r\n]/.test(text) ? '"' + text.replaceAll('"', '""') + '"' : text;
}

export const csv = (rows) => rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
