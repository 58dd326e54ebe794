import { field, h, input, pager, problem, select, table, values } from './dom.js';
import { amount, time } from './format.js';
import { brandName, listPlayers, metrics, playerLink, valueOf } from './ledger.js';

export default async function players(main, { session, parameters }) {
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
  const list = h('div', {});
  const filters = () => {
    const given = values(form);
    return {
      ...(given.external ? { clientExternalIds: [given.external] } : {}),
      ...(given.brand ? { revenueOriginIds: [given.brand] } : {}),
      ...(given.from || given.to
        ? {
            registered: {
              from: `${given.from || '1970-01-01'}T00:00:00Z`,
              to: `${given.to || '9999-12-31'}T00:00:00Z`,
            },
          }
        : {}),
    };
  };
  const pages = pager(async (cursor) => {
    try {
      const page = await listPlayers(filters(), cursor);
      const total = page.pagination.totalCount;
      list.replaceChildren(
        table(
          total === undefined ? 'Players, newest first' : `${amount(total)} players, newest first`,
          columns,
          page.rows,
          { empty: 'No player fits the search.' },
        ),
      );
      return page.pagination.nextCursor;
    } catch (error) {
      list.replaceChildren(problem(error));
      return undefined;
    }
  });
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
    field('Player (external id)', input('external', { type: 'search', value: parameters.external ?? '' })),
    field(
      'Brand',
      select('brand', [['', 'all'], ...session.brands.map((brand) => [brand.id, brand.name])], parameters.brand),
    ),
    field('Registered from', input('from', { type: 'date' })),
    field('to', input('to', { type: 'date' })),
    h('button', {}, 'Search'),
  );
  main.append(form, list, pages.element);
  await pages.show();
}
