import { field, h, input, searchForm, table, values } from './dom.js';
import { amount, dayAfter, time } from './format.js';
import { brandField, brandName, captionOf, listPlayers, metrics, playerLink, valueOf } from './ledger.js';
import { pagedList } from './list.js';

export default async function players(main, { session, parameters, signal }) {
  const visible = (await metrics()).filter((metric) => metric.visible);
  const columns = [
    { title: 'Player', of: (row) => playerLink(row.client) },
    { title: 'Brand', of: (row) => brandName(session, row.client.revenueOriginId) },
    { title: 'Affiliate', of: (row) => row.affiliateName ?? h('span', { class: 'pill warn' }, 'unattributed') },
    { title: 'Registered (UTC)', of: (row) => time(row.registeredAt) },
    ...visible.map((metric) => ({
      title: metric.name,
      number: true,
      of: (row) => amount(valueOf(row, metric.code)),
    })),
    { title: 'Revshare', number: true, of: (row) => amount(row.revshare.total) },
  ];
  const filters = () => {
    const given = values(form);
    return {
      ...(given.external ? { clientExternalIdPrefix: given.external } : {}),
      ...(given.brand ? { revenueOriginIds: [given.brand] } : {}),
      ...(given.from || given.to
        ? {
            registered: {
              from: `${given.from || '1970-01-01'}T00:00:00Z`,
              to: given.to ? dayAfter(given.to) : '9999-12-31T00:00:00Z',
            },
          }
        : {}),
    };
  };
  const list = pagedList(async (cursor) => {
    const page = await listPlayers(filters(), cursor, { signal });
    return {
      nodes: [table(captionOf(page, 'players'), columns, page.rows, { empty: 'No player fits the search.' })],
      next: page.pagination.nextCursor,
    };
  });
  const form = searchForm(
    () => list.restart(),
    field('Player (external id begins with)', input('external', { type: 'search', value: parameters.external ?? '' })),
    brandField(session, parameters.brand),
    field('Registered from (UTC)', input('from', { type: 'date' })),
    field('to (included)', input('to', { type: 'date' })),
    h('button', {}, 'Search'),
  );
  main.append(form, list.element);
  await list.show();
}
