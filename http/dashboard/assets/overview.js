import { api } from './api.js';
import { draw, push } from './charts.js';
import { card, h, table, tableRow } from './dom.js';
import { amount, day } from './format.js';
import { always, listMovements, metrics, movementColumns, report, showMovement } from './ledger.js';

/** Prometheus text -> {name: {labels: value}} with values as texts. */
function figuresOf(text) {
  const figures = new Map();
  for (const line of text.split('\n')) {
    const found = /^([a-z_]+)(\{.*\})? (\S+)$/.exec(line);
    if (found) figures.set(found[1] + (found[2] ?? ''), found[3]);
  }
  return figures;
}

const difference = (now, before, name) => Number(now.get(name) ?? 0) - Number(before.get(name) ?? 0);
const group = (n) => amount(String(Math.round(n)));

const todayColumns = [
  ['registration_count', 'Registrations'],
  ['ftd_count', 'First deposits'],
  ['deposit_amount', 'Deposits'],
  ['withdrawal_amount', 'Withdrawals'],
  ['ngr', 'NGR'],
  ['revshare_reward', 'RevShare'],
];

async function today() {
  const asked = {
    dimensions: ['brand'],
    measures: todayColumns.map(([name]) => name),
    startDate: day(),
    endDate: day(),
  };
  const found = await report(asked).catch(() => null);
  if (!found) return null;
  return table(
    `Money of ${day()}, a day in each brand's time zone`,
    [
      { title: 'Brand', of: (row) => row.brand },
      ...todayColumns.map(([name, title]) => ({ title, number: true, of: (row) => amount(row[name]) })),
    ],
    found.rows,
    { empty: 'Nothing has happened today yet.' },
  );
}

export default async function overview(main, { session, signal }) {
  const figures = h('div', { class: 'cards' });
  const rate = h('canvas');
  const latency = h('canvas');
  const money = h('div', {});
  const body = h('tbody', {});
  const columns = movementColumns(session, showMovement);
  const state = h('span', { class: 'pill' }, 'connecting');
  main.append(
    figures,
    h(
      'div',
      { class: 'charts' },
      h(
        'figure',
        { class: 'card' },
        h('figcaption', {}, 'Movements per second'),
        h('div', { class: 'chart' }, rate),
      ),
      h(
        'figure',
        { class: 'card' },
        h('figcaption', {}, 'Mean time of a commit (ms)'),
        h('div', { class: 'chart' }, latency),
      ),
    ),
    h('h2', {}, 'Money today'),
    money,
    h('h2', {}, 'Newest movements ', state),
    h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Newest movements' },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            columns.map((each) => h('th', { scope: 'col', class: each.number ? 'number' : undefined }, each.title)),
          ),
        ),
        body,
      ),
    ),
  );
  draw(
    rate,
    'line',
    [],
    [
      { name: 'accepted', texts: [] },
      { name: 'duplicate', texts: [] },
    ],
    { unit: '/s' },
  );
  draw(latency, 'line', [], [{ name: 'commit', texts: [] }], { unit: 'ms' });
  today().then((shown) =>
    money.replaceChildren(shown ?? h('p', { class: 'empty' }, 'The reports are not ready yet.')),
  );

  let before = null;
  let newest = '';
  async function refresh() {
    const now = figuresOf(await api.text('/metrics'));
    const at = performance.now();
    const get = (name) => amount(now.get(name) ?? '0');
    const seconds = before ? (at - before.at) / 1000 : 1;
    const accepted = before ? difference(now, before.now, 'croupier_movements_accepted_total') / seconds : 0;
    const duplicate = before ? difference(now, before.now, 'croupier_movements_duplicate_total') / seconds : 0;
    const commits = before ? difference(now, before.now, 'croupier_sync_duration_seconds_count') : 0;
    const spent = before ? difference(now, before.now, 'croupier_sync_duration_seconds_sum') : 0;
    figures.replaceChildren(
      card('Movements per second', group(accepted), `${get('croupier_movements_accepted_total')} since the start`),
      card('Players', get('croupier_players'), `${get('croupier_players_awake')} awake`),
      card('Commit', commits ? `${((1000 * spent) / commits).toFixed(2)} ms` : 'idle', 'write and sync, mean'),
      card('Duplicates refused', get('croupier_movements_duplicate_total')),
      card('In flight', get('croupier_in_flight')),
      card('Journal', get('croupier_journal_sequence'), `checkpoint at ${get('croupier_checkpoint_sequence')}`),
    );
    if (before) {
      const label = new Date().toISOString().slice(11, 19);
      push(rate, label, [accepted.toFixed(0), duplicate.toFixed(0)]);
      push(latency, label, [commits ? ((1000 * spent) / commits).toFixed(2) : '0']);
    }
    if (!before || now.get('croupier_journal_sequence') !== before.now.get('croupier_journal_sequence'))
      await list();
    before = { now, at };
  }
  async function list() {
    const { rows } = await listMovements({ timeRange: always }, undefined, { limit: '12' });
    body.replaceChildren(
      ...rows.map((row) => tableRow(columns, row, newest !== '' && BigInt(row.sequence) > BigInt(newest))),
    );
    if (rows.length) newest = rows[0].sequence;
    else
      body.replaceChildren(
        h('tr', {}, h('td', { colspan: String(columns.length), class: 'empty' }, 'No movement yet.')),
      );
  }
  await metrics();
  await refresh();
  const again = async () => {
    if (signal.aborted) return;
    if (!document.hidden) {
      try {
        await refresh();
        state.textContent = 'live';
        state.className = 'pill good';
      } catch {
        state.textContent = 'not reachable';
        state.className = 'pill bad';
      }
    }
    setTimeout(again, 1000);
  };
  setTimeout(again, 1000);
}
