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

/** What an entry is about, on one line. */
const wordsFor = (entry) =>
  [
    entry.event?.name,
    entry.externalId,
    entry.type,
    entry.after?.name,
    entry.linkId && `link ${entry.linkId}`,
    entry.affiliateId && `affiliate ${entry.affiliateId}`,
    entry.count && `${amount(entry.count)} times`,
    entry.status,
  ]
    .filter(Boolean)
    .join(' · ') || `entry ${amount(entry.sequence)}`;

/** `newest`: what is newer is marked as such. */
function stream(main, signal, newest) {
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
    String(newest > 30n ? newest - 30n : 1n),
    signal,
    (event, entry) => {
      const row = h(
        'tr',
        { class: BigInt(entry.sequence) > newest ? 'fresh' : undefined, 'data-kind': entry.kind ?? event },
        h('td', { class: 'number' }, amount(entry.sequence)),
        h('td', {}, time(entry.time)),
        h('td', {}, entry.kind ?? event),
        h(
          'td',
          { class: 'wrap' },
          h(
            'details',
            {},
            h('summary', {}, wordsFor(entry)),
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

async function deliveries() {
  const page = await api.get('/admin/v1/destinations', { limit: '100' });
  const rows = await Promise.all(
    page.rows.map(async (row) => ({
      ...row,
      state: await api.get(`/admin/v1/destinations/${row.id}/status`).catch(() => ({})),
    })),
  );
  return table(
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
  );
}

export default async function destinations(main, { signal, may }) {
  const place = h('div', {});
  const draw = async () => place.replaceChildren(await deliveries().catch((error) => problem(error, draw)));
  main.append(h('h2', {}, 'Destinations'), place);
  if (may('admin')) await draw();
  else place.append(h('p', { class: 'empty' }, 'Destinations are shown to keys with the scope "admin".'));
  const ready = await api.get('/readyz');
  stream(main, signal, BigInt(ready.sequence));
}
