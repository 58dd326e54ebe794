import { api } from './api.js';
import { field, h, pager, problem, say, table } from './dom.js';
import { time } from './format.js';

const kinds = [
  ['api-keys', 'API keys'],
  ['brands', 'Brands'],
  ['metrics', 'Metrics'],
  ['affiliates', 'Affiliates'],
  ['offers', 'Offers'],
  ['plans', 'Commission plans'],
  ['links', 'Tracking links'],
  ['creatives', 'Creatives'],
  ['marketing-sources', 'Marketing sources'],
  ['event-mappings', 'Event mappings'],
  ['destinations', 'Destinations'],
  ['report-presets', 'Report presets'],
];

const isTime = (text) => typeof text === 'string' && /^\d{4}-\d\d-\d\dT/.test(text);

function shown(value) {
  if (value === null || value === undefined) return '';
  if (value === true) return 'yes';
  if (value === false) return 'no';
  if (Array.isArray(value))
    return value.map((each) => (typeof each === 'object' ? JSON.stringify(each) : String(each))).join(', ');
  if (typeof value === 'object') return h('code', {}, JSON.stringify(value));
  return isTime(value) ? time(value) : String(value);
}

/** Columns are the members that the objects have: a new one in the API is a new column here. */
const columnsOf = (rows) =>
  [...new Set(rows.flatMap((row) => Object.keys(row)))].map((name) => ({
    title: name,
    of: (row) => shown(row[name]),
  }));

function newKey(done) {
  const scopes = ['read', 'movements:write', 'events:write', 'billing', 'admin'];
  const told = h('div', {});
  const form = h(
    'form',
    {
      class: 'bar',
      onsubmit: async (event) => {
        event.preventDefault();
        try {
          const chosen = scopes.filter((scope) => form.elements[scope].checked);
          const made = await api.post('/admin/v1/api-keys', { name: form.elements.name.value, scopes: chosen });
          told.replaceChildren(
            h(
              'div',
              { class: 'done' },
              h('p', {}, 'The key is shown this once. Keep it in a safe place now.'),
              h('pre', { tabindex: '0' }, made.secret),
            ),
          );
          form.reset();
          done();
        } catch (error) {
          told.replaceChildren(problem(error));
        }
      },
    },
    field('Name', h('input', { name: 'name', required: true, maxlength: '255', autocomplete: 'off' })),
    h(
      'fieldset',
      { class: 'choices' },
      h('legend', {}, 'Scopes'),
      scopes.map((scope) =>
        h(
          'label',
          { class: 'check' },
          h('input', { type: 'checkbox', name: scope, checked: scope === 'read' }),
          scope,
        ),
      ),
    ),
    h('button', {}, 'Create key'),
  );
  return h('div', {}, form, told);
}

export default async function workspace(main, { parameters }) {
  const kind = kinds.find(([name]) => name === parameters.kind) ?? kinds[0];
  main.append(
    h(
      'nav',
      { 'aria-label': 'Kinds of objects' },
      h(
        'ul',
        {},
        [...kinds, ['audit', 'Audit log']].map(([name, title]) =>
          h(
            'li',
            {},
            h(
              'a',
              {
                href: `#/workspace?kind=${name}`,
                'aria-current': (parameters.kind ?? kinds[0][0]) === name ? 'page' : undefined,
              },
              title,
            ),
          ),
        ),
      ),
    ),
  );
  if (parameters.kind === 'audit') return audit(main);
  const list = h('div', {});
  const pages = pager(async (cursor) => {
    try {
      const page = await api.get(`/admin/v1/${kind[0]}`, { limit: '100', offset: cursor ?? '0' });
      const columns = columnsOf(page.rows);
      if (kind[0] === 'api-keys')
        columns.push({
          title: '',
          of: (row) =>
            row.revoked
              ? h('span', { class: 'pill bad' }, 'revoked')
              : h(
                  'button',
                  {
                    type: 'button',
                    class: 'quiet',
                    onclick: async () => {
                      if (!confirm(`Revoke the key "${row.name}"? Whoever uses it is refused from then on.`))
                        return;
                      try {
                        await api.patch(`/admin/v1/api-keys/${row.id}`, { revoked: true });
                        say('The key is revoked.');
                        pages.restart();
                      } catch (error) {
                        say(error.message);
                      }
                    },
                  },
                  'Revoke',
                ),
        });
      list.replaceChildren(table(kind[1], columns, page.rows));
      return page.pagination.hasMore ? String(Number(cursor ?? 0) + 100) : undefined;
    } catch (error) {
      list.replaceChildren(problem(error));
      return undefined;
    }
  });
  main.append(h('h2', {}, kind[1]));
  if (kind[0] === 'api-keys') main.append(newKey(() => pages.restart()));
  main.append(list, pages.element);
  await pages.show();
}

async function audit(main) {
  const list = h('div', {});
  const pages = pager(async (cursor) => {
    try {
      const page = await api.get('/admin/v1/audit-log', { limit: '50', cursor });
      list.replaceChildren(
        table(
          'Who changed what, newest first',
          [
            { title: 'Time (UTC)', of: (row) => time(row.time) },
            { title: 'Entry', of: (row) => row.sequence },
            { title: 'Who', of: (row) => row.who },
            { title: 'What', of: (row) => row.type ?? row.kind },
            { title: 'Before', wrap: true, of: (row) => shown(row.before) },
            { title: 'After', wrap: true, of: (row) => shown(row.after) },
          ],
          page.rows,
        ),
      );
      return page.pagination?.nextCursor;
    } catch (error) {
      list.replaceChildren(problem(error));
      return undefined;
    }
  });
  main.append(h('h2', {}, 'Audit log'), list, pages.element);
  await pages.show();
}
