import { api, follow } from './api.js';
import { field, h, problem, select, table } from './dom.js';
import { amount, time } from './format.js';

const kindsOf = [
  ['', 'all'],
  ['movement', 'movements and events'],
  ['player', 'players'],
  ['click', 'clicks'],
  ['workspace', 'workspace'],
  ['account', 'accounts'],
  ['settlement', 'settlements'],
];

/** How many of the newest entries are kept on the page. */
const most = 200;

function stream(main, signal, from) {
  const body = h('tbody', {});
  const state = h('span', { class: 'pill' }, 'connecting');
  const kind = select('kind', kindsOf, '');
  const fits = (row) => !kind.value || row.dataset.kind.startsWith(kind.value);
  kind.addEventListener('change', () => {
    for (const row of body.children) row.hidden = !fits(row);
  });
  main.append(
    h('h2', {}, 'Entries as they are committed ', state),
    h('div', { class: 'bar' }, field('Kind', kind)),
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Entries as they are committed' },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ['Entry', 'Time (UTC)', 'Kind', 'What'].map((title) => h('th', { scope: 'col' }, title)),
          ),
        ),
        body,
      ),
    ),
  );
  follow(
    '/admin/v1/stream',
    from,
    signal,
    (event, entry) => {
      const text = JSON.stringify(entry);
      const row = h(
        'tr',
        { class: 'fresh', 'data-kind': entry.kind ?? event },
        h('td', { class: 'number' }, amount(entry.sequence)),
        h('td', {}, time(entry.time)),
        h('td', {}, entry.kind ?? event),
        h(
          'td',
          { class: 'wrap' },
          h(
            'details',
            {},
            h('summary', {}, entry.event?.name ?? entry.externalId ?? entry.type ?? text.slice(0, 60)),
            h('pre', { tabindex: '0' }, JSON.stringify(entry, null, 1)),
          ),
        ),
      );
      row.hidden = !fits(row);
      body.prepend(row);
      while (body.children.length > most) body.lastChild.remove();
    },
    (now) => {
      const words = {
        live: ['live', 'pill good'],
        waiting: ['reconnecting', 'pill warn'],
        refused: ['this key may not follow the stream', 'pill bad'],
      };
      [state.textContent, state.className] = words[now];
    },
  );
}

const stateClass = (state) => ({ delivering: 'good', paused: 'warn', archived: '' })[state] ?? 'bad';

async function deliveries(main, may) {
  if (!may('admin')) return;
  const page = await api.get('/admin/v1/destinations', { limit: '100' });
  const rows = await Promise.all(
    page.rows.map(async (row) => ({
      ...row,
      state: await api.get(`/admin/v1/destinations/${row.id}/status`).catch(() => ({})),
    })),
  );
  main.append(
    h('h2', {}, 'Destinations'),
    table(
      'Where entries are delivered to',
      [
        { title: 'Name', of: (row) => row.name },
        { title: 'Kind', of: (row) => row.kind },
        { title: 'Target', wrap: true, of: (row) => row.target },
        {
          title: 'State',
          of: (row) => h('span', { class: `pill ${stateClass(row.state.state)}` }, row.state.state ?? ''),
        },
        { title: 'Behind (entries)', number: true, of: (row) => amount(row.state.lagEntries) },
        { title: 'Behind (s)', number: true, of: (row) => amount(row.state.lagSeconds) },
        { title: 'Failed attempts', number: true, of: (row) => amount(row.state.failedAttempts) },
        { title: 'Problem', wrap: true, of: (row) => row.state.problem ?? '' },
      ],
      rows,
      { empty: 'No destination yet: see docs/destinations.md.' },
    ),
  );
}

export default async function destinations(main, { signal, may }) {
  try {
    await deliveries(main, may);
  } catch (error) {
    main.append(problem(error));
  }
  const ready = await (await fetch('/readyz')).json();
  stream(main, signal, String(Math.max(1, ready.sequence - 30)));
}
