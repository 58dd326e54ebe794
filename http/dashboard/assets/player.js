import { api } from './api.js';
import { draw } from './charts.js';
import { card, field, h, table } from './dom.js';
import { amount, lesser, time } from './format.js';
import { always, brandName, captionOf, listMovements, metrics, movementColumns, showMovement } from './ledger.js';
import { pagedList } from './list.js';

/** How many movements the chart goes back. */
const chartRows = 500;

export default async function player(main, { session, parameters, signal }) {
  const known = await metrics();
  const state = await api.get('/api/node/clients/v1/balances', { clientId: parameters.id });
  main.querySelector('h1').textContent = `Player ${state.client.externalId}`;
  const balances = [...state.decimalMetrics, ...state.integerMetrics];
  const nameOf = (code) => known.find((metric) => metric.code === code)?.name ?? code;
  main.append(
    h(
      'p',
      { class: 'lead' },
      [
        brandName(session, state.client.revenueOriginId),
        `last changed ${time(state.updatedAt)} UTC`,
        `entry ${amount(state.sequence)}`,
      ].join(' · '),
    ),
    h(
      'div',
      { class: 'cards' },
      balances.map((each) => card(nameOf(each.code), amount(each.value))),
      card('Revshare', amount(state.revshare.total), `open ${amount(state.revshare.open)}`),
    ),
  );

  const rows = [];
  const filters = { timeRange: always, clientIds: [state.client.id] };
  const { rows: recent } = await listMovements(filters, undefined, { limit: String(chartRows) });
  rows.push(...recent.reverse());
  const canvas = h('canvas');
  const range = h('p', { class: 'lead' });
  const chosen = h(
    'select',
    {},
    balances.map((each) => h('option', { value: each.code }, nameOf(each.code))),
  );
  const show = () => {
    const points = rows.flatMap((row) =>
      [...row.decimalMetrics, ...row.integerMetrics]
        .filter((each) => each.code === chosen.value)
        .map((each) => [row.createdAt, each.balanceAfter]),
    );
    draw(
      canvas,
      'line',
      points.map(([at]) => time(at)),
      [{ name: nameOf(chosen.value), texts: points.map(([, text]) => text), stepped: true }],
      { exact: true },
    );
    const texts = points.map(([, text]) => text);
    const [least, most] = [
      texts.reduce(lesser, texts[0]),
      texts.reduce((a, b) => (lesser(a, b) === a ? b : a), texts[0]),
    ];
    range.textContent = texts.length ? `from ${amount(least)} to ${amount(most)}` : 'no movement has changed it';
  };
  const busiest = balances
    .map((each) => each.code)
    .find((code) => rows.some((row) => row.decimalMetrics.some((m) => m.code === code)));
  if (busiest) chosen.value = busiest;
  chosen.addEventListener('change', show);
  main.append(
    h('h2', {}, 'Balance over time'),
    h('div', { class: 'bar' }, field('Metric', chosen)),
    h(
      'figure',
      { class: 'card' },
      h('figcaption', {}, rows.length === chartRows ? `The last ${chartRows} movements` : 'All movements'),
      range,
      h('div', { class: 'chart' }, canvas),
    ),
  );
  show();

  const columns = movementColumns(session, showMovement).filter(
    (column) => !['Brand', 'Player'].includes(column.title),
  );
  const list = pagedList(async (cursor) => {
    const page = await listMovements(filters, cursor, { limit: '25', signal });
    return {
      nodes: [table(captionOf(page, 'movements'), columns, page.rows, { empty: 'No movement yet.' })],
      next: page.pagination.nextCursor,
    };
  });
  main.append(h('h2', {}, 'Movements'), list.element);
  await list.show();
}
