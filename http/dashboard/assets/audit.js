import { api } from './api.js';
import { h, table } from './dom.js';
import { amount, time } from './format.js';
import { pagedList } from './list.js';

/** What is told of every row in columns of its own. */
const common = ['sequence', 'time', 'who', 'kind', 'objectId', 'change', 'fields', 'before', 'after'];

/** Names of keys by their ids; a key of long ago may not be among them. */
async function keyNames() {
  const { rows } = await api.get('/admin/v1/api-keys', { limit: '500' });
  return new Map(rows.map((row) => [row.id, row.name]));
}

/** Of an object, each member that differs, with both sides; of something else, what it says of itself. */
function details(row, shown) {
  const members = row.fields ?? Object.keys(row).filter((name) => !common.includes(name));
  const value = (side, name) => (side === undefined || side[name] === undefined ? '–' : shown(side[name]));
  const lines = row.after
    ? members.map((name) =>
        row.change === 'created'
          ? [name, value(row.after, name)]
          : [name, value(row.before, name), ' → ', value(row.after, name)],
      )
    : members.map((name) => [name, shown(row[name])]);
  return h(
    'dl',
    {},
    lines.map(([name, ...texts]) => [h('dt', {}, name), h('dd', {}, texts)]),
  );
}

function aboutOf(row) {
  const own = [row.reason, row.currency, row.month, row.status, row.note].filter(Boolean).join(' · ');
  if (!row.after) return own || 'made';
  const name = row.after.name ?? row.after.code ?? '';
  return `${row.change} ${name}${row.change === 'changed' ? `: ${row.fields.join(', ')}` : ''}`;
}

/** Who changed what. `shown(value)` draws any member of an object. */
export async function audit(main, shown) {
  const names = await keyNames().catch(() => new Map());
  const columns = [
    { title: 'Time (UTC)', of: (row) => time(row.time) },
    { title: 'Entry', number: true, of: (row) => amount(row.sequence) },
    { title: 'Who', of: (row) => h('span', { title: row.who }, names.get(row.who) ?? row.who) },
    { title: 'Kind', of: (row) => row.kind.replaceAll('-', ' ') },
    {
      title: 'What',
      wrap: true,
      of: (row) => h('details', {}, h('summary', {}, aboutOf(row)), details(row, shown)),
    },
  ];
  const list = pagedList(async (cursor) => {
    const page = await api.get('/admin/v1/audit-log', { limit: '50', cursor });
    return {
      nodes: [table('Who changed what, newest first', columns, page.rows)],
      next: page.pagination.nextCursor,
    };
  });
  main.append(h('h2', {}, 'Audit log'), list.element);
  await list.show();
}
