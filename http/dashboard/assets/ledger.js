import { api } from './api.js';
import { amount, time } from './format.js';
import { field, h, quiet, select } from './dom.js';

/** Metric definitions, visible ones first; kept while the page lives. */
let known;
export async function metrics() {
  known ??= api
    .get('/api/node/clients/v1/metrics')
    .then(({ integerMetrics, decimalMetrics }) => [...decimalMetrics, ...integerMetrics])
    .catch((error) => {
      known = undefined;
      throw error;
    });
  return known;
}

/**
 * One page of a list. The server looks at so many rows at a time: an empty page with a cursor means that it has found
 * nothing yet, so the search goes on until the page is left.
 */
async function search(path, filters, cursor, limit, signal) {
  for (let at = cursor; ;) {
    const found = await api.post(path, { pagination: page(limit, at), filters });
    at = found.pagination.nextCursor;
    if (found.rows.length || at === undefined || signal?.aborted) return found;
  }
}

export const listPlayers = (filters, cursor, { limit = '50', signal } = {}) =>
  search('/api/node/clients/v1/list', filters, cursor, limit, signal);

export const listMovements = (filters, cursor, { limit = '50', signal } = {}) =>
  search('/api/node/clients/v1/metrics/movements/list', filters, cursor, limit, signal);

/** "1,234 players, newest first". */
export const captionOf = (page, what) =>
  page.pagination.totalCount === undefined
    ? `${what[0].toUpperCase()}${what.slice(1)}, newest first`
    : `${amount(page.pagination.totalCount)} ${what}, newest first`;

export const brandField = (session, chosen) =>
  field('Brand', select('brand', [['', 'all'], ...session.brands.map((brand) => [brand.id, brand.name])], chosen));

const page = (limit, cursor) => ({ limit: Number(limit), ...(cursor ? { cursor } : { offset: 0 }) });

/** From the beginning of time to a moment that has not come. */
export const always = { from: '1970-01-01T00:00:00Z', to: '9999-12-31T00:00:00Z' };

export const valueOf = (row, code) =>
  [...(row.decimalMetrics ?? []), ...(row.integerMetrics ?? [])].find((each) => each.code === code)?.value;

export const brandName = (session, id) => session.brands.find((brand) => brand.id === id)?.name ?? id;

export const playerLink = (client) => h('a', { href: `#/player?id=${client.id}` }, client.externalId);

/** While the accounts are being made after a start, no row can say that it is open. */
const unsettled = (row) => (row.accountSettlementKnown === false ? 'not known yet' : 'open');

const changes = (row) => [...(row.decimalMetrics ?? []), ...(row.integerMetrics ?? [])];

/** The columns of a list of movements. */
export const movementColumns = (session, open) => [
  { title: 'Time (UTC)', of: (row) => time(row.createdAt) },
  { title: 'Brand', of: (row) => brandName(session, row.client.revenueOriginId) },
  { title: 'Player', of: (row) => playerLink(row.client) },
  { title: 'Event', of: (row) => row.eventName ?? '' },
  {
    title: 'Changes',
    wrap: true,
    of: (row) =>
      h(
        'span',
        {},
        changes(row).map((each, i) => [
          i ? ', ' : '',
          `${each.code} `,
          h('strong', {}, (each.delta.startsWith('-') ? '' : '+') + amount(each.delta)),
          ` → ${amount(each.balanceAfter)}`,
        ]),
      ),
  },
  { title: 'Revshare', number: true, of: (row) => amount(row.totalRevshare) },
  {
    title: 'Settlement',
    of: (row) =>
      row.accountSettlementId
        ? h('span', { class: 'pill good', title: row.accountSettlementId }, 'settled')
        : h('span', { class: 'pill' }, unsettled(row)),
  },
  { title: 'Request id', of: (row) => row.requestId ?? '' },
  {
    title: 'Payload',
    of: (row) => quiet('Show', () => open(row), `movement ${row.sequence}`),
  },
];

/** Shows one movement whole. */
export function showMovement(row) {
  const dialog = h(
    'dialog',
    { 'aria-label': `Movement ${row.sequence}` },
    h('h2', {}, `Movement ${row.sequence}`),
    h(
      'dl',
      {},
      h('dt', {}, 'Id'),
      h('dd', {}, row.id),
      h('dt', {}, 'Recorded'),
      h('dd', {}, row.createdAt),
      h('dt', {}, 'Source'),
      h('dd', {}, row.source ?? 'trackdesk'),
      h('dt', {}, 'Request id'),
      h('dd', {}, row.requestId ?? 'none'),
      h('dt', {}, 'Account settlement'),
      h('dd', {}, row.accountSettlementId ?? unsettled(row)),
    ),
    h('h2', {}, 'Payload, as it was sent'),
    h('pre', { tabindex: '0' }, row.requestData),
    h('form', { method: 'dialog' }, h('button', {}, 'Close')),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** A report with its rows flat: dimensions and measures are members of one object, amounts as texts. */
export async function report(asked) {
  const answer = await api.post('/api/v1/reports/query?exact=true', asked);
  return { ...answer, rows: answer.rows.map((row) => ({ ...row.groupKeys, ...row.metrics })) };
}
