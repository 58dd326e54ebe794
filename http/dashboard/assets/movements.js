import { download, field, h, input, quiet, say, searchForm, table, values } from './dom.js';
import { amount, csv, day, dayAfter } from './format.js';
import { brandField, captionOf, listMovements, movementColumns, showMovement } from './ledger.js';
import { pagedList } from './list.js';

/** More rows than this are a matter for `croupier export`. */
const exportRows = 100_000;

const filtersOf = (given) => ({
  timeRange: {
    from: `${given.from}T00:00:00Z`,
    to: dayAfter(given.to),
  },
  ...(given.external ? { clientExternalIds: [given.external] } : {}),
  ...(given.brand ? { revenueOriginIds: [given.brand] } : {}),
  ...(given.request ? { requestIds: [given.request] } : {}),
});

async function exportAll(filters, button, signal) {
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
    const page = await listMovements(filters, cursor, { limit: '500', signal });
    for (const row of page.rows) {
      const head = [
        row.sequence,
        row.id,
        row.createdAt,
        row.client.revenueOriginId,
        row.client.externalId,
        row.eventName ?? '',
      ];
      const settlement = row.accountSettlementId ?? (row.accountSettlementKnown === false ? 'not known yet' : '');
      const tail = [row.totalRevshare, settlement, row.requestId ?? '', row.requestData];
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
  } while (cursor && count < exportRows && !signal.aborted);
  if (signal.aborted) return;
  download('movements.csv', 'text/csv;charset=utf-8', csv(lines));
  if (cursor)
    say(`The export ends after ${amount(String(exportRows))} movements. "croupier export" has no such end.`);
}

export default async function movements(main, { session, parameters, signal }) {
  const columns = movementColumns(session, showMovement);
  const list = pagedList(async (cursor) => {
    const page = await listMovements(filtersOf(values(form)), cursor, { signal });
    return {
      nodes: [table(captionOf(page, 'movements'), columns, page.rows, { empty: 'No movement fits the filters.' })],
      next: page.pagination.nextCursor,
    };
  });
  const save = quiet('Export CSV', async () => {
    save.disabled = true;
    try {
      await exportAll(filtersOf(values(form)), save, signal);
    } catch (error) {
      say(error.message);
    }
    save.textContent = 'Export CSV';
    save.disabled = false;
  });
  const form = searchForm(
    () => list.restart(),
    field('From (UTC)', input('from', { type: 'date', required: true, value: parameters.from ?? day(-30) })),
    field('To (UTC, included)', input('to', { type: 'date', required: true, value: parameters.to ?? day() })),
    brandField(session),
    field('Player (external id)', input('external', { type: 'search' })),
    field('Request id', input('request', { type: 'search' })),
    h('button', {}, 'Search'),
    save,
  );
  main.append(form, list.element);
  await list.show();
}
