import { download, field, h, input, pager, problem, say, select, table, values } from './dom.js';
import { amount, csv, day } from './format.js';
import { listMovements, movementColumns, showMovement } from './ledger.js';

/** More rows than this are a matter for `croupier export`. */
const exportRows = 100_000;

const filtersOf = (given) => ({
  timeRange: {
    from: `${given.from}T00:00:00Z`,
    to: new Date(Date.parse(`${given.to}T00:00:00Z`) + 86_400_000).toISOString(),
  },
  ...(given.external ? { clientExternalIds: [given.external] } : {}),
  ...(given.brand ? { revenueOriginIds: [given.brand] } : {}),
  ...(given.request ? { requestIds: [given.request] } : {}),
});

async function exportAll(filters, button) {
  const lines = [
    [
      'sequence',
      'id',
      'time',
      'brand_id',
      'player',
      'event',
      'metric',
      'value_type',
      'value',
      'delta',
      'balance_after',
      'revshare',
      'settlement',
      'request_id',
      'payload',
    ],
  ];
  let cursor;
  let count = 0;
  do {
    const page = await listMovements(filters, cursor, '500');
    for (const row of page.rows) {
      const head = [
        row.sequence,
        row.id,
        row.createdAt,
        row.client.revenueOriginId,
        row.client.externalId,
        row.eventName ?? '',
      ];
      const tail = [row.totalRevshare, row.accountSettlementId ?? '', row.requestId ?? '', row.requestData];
      const changes = [...row.decimalMetrics, ...row.integerMetrics];
      if (!changes.length) lines.push([...head, '', '', '', '', '', ...tail]);
      // A movement's revshare stands on its first line only, so that the column adds up.
      changes.forEach((each, i) =>
        lines.push([
          ...head,
          each.code,
          each.valueType,
          each.value,
          each.delta,
          each.balanceAfter,
          i ? '' : tail[0],
          ...tail.slice(1),
        ]),
      );
      count++;
    }
    cursor = page.pagination.nextCursor;
    button.textContent = `${amount(String(count))} rows…`;
  } while (cursor && count < exportRows);
  download('movements.csv', 'text/csv;charset=utf-8', csv(lines));
  if (cursor)
    say(`The export ends after ${amount(String(exportRows))} movements. "croupier export" has no such end.`);
}

export default async function movements(main, { session, parameters }) {
  const list = h('div', {});
  const columns = movementColumns(session, showMovement);
  const pages = pager(async (cursor) => {
    try {
      const page = await listMovements(filtersOf(values(form)), cursor);
      const total = page.pagination.totalCount;
      list.replaceChildren(
        table(
          total === undefined ? 'Movements, newest first' : `${amount(total)} movements, newest first`,
          columns,
          page.rows,
          { empty: 'No movement fits the filters.' },
        ),
      );
      return page.pagination.nextCursor;
    } catch (error) {
      list.replaceChildren(problem(error));
      return undefined;
    }
  });
  const save = h(
    'button',
    {
      type: 'button',
      class: 'quiet',
      onclick: async () => {
        save.disabled = true;
        try {
          await exportAll(filtersOf(values(form)), save);
        } catch (error) {
          say(error.message);
        }
        save.textContent = 'Export CSV';
        save.disabled = false;
      },
    },
    'Export CSV',
  );
  const form = h(
    'form',
    {
      class: 'filters',
      role: 'search',
      onsubmit: (event) => {
        event.preventDefault();
        pages.restart();
      },
    },
    field('From (UTC)', input('from', { type: 'date', required: true, value: parameters.from ?? day(-30) })),
    field('To (UTC, included)', input('to', { type: 'date', required: true, value: parameters.to ?? day() })),
    field('Brand', select('brand', [['', 'all'], ...session.brands.map((brand) => [brand.id, brand.name])])),
    field('Player (external id)', input('external', { type: 'search' })),
    field('Request id', input('request', { type: 'search' })),
    h('button', {}, 'Search'),
    save,
  );
  main.append(form, list, pages.element);
  await pages.show();
}
