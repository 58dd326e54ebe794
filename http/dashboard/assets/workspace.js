import { api } from './api.js';
import { audit } from './audit.js';
import { confirmed, field, h, problem, quiet, say, shownOnce, table } from './dom.js';
import { amount, time } from './format.js';
import { pagedList } from './list.js';

/** How many objects a page has. */
const rowsShown = 100;

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
  [...new Set([...rows.flatMap((row) => Object.keys(row).filter((name) => name !== 'id')), 'id'])].map((name) => ({
    title: name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
    of: (row) => shown(row[name]),
  }));

const reportsLink = () => h('a', { href: '#/reports' }, 'Reports');

/** A button that revokes a key, or that it is revoked. */
const revocation = (row, changed) =>
  row.revoked
    ? h('span', { class: 'pill bad' }, 'revoked')
    : quiet(
        'Revoke',
        async () => {
          const sure = await confirmed(
            `Revoke the key "${row.name}"? Whoever uses it is refused from then on.`,
            'Revoke',
          );
          if (!sure) return;
          try {
            await api.delete(`/admin/v1/api-keys/${row.id}`);
            say('The key is revoked.');
          } catch (error) {
            say(error.message);
          }
          changed();
        },
        `the key ${row.name}`,
      );

function newKey(done) {
  const scopes = ['read', 'movements:write', 'events:write', 'billing', 'admin'];
  const news = h('div', { class: 'news' });
  const form = h(
    'form',
    {
      class: 'bar',
      onsubmit: async (event) => {
        event.preventDefault();
        try {
          const chosen = scopes.filter((scope) => form.elements[scope].checked);
          const made = await api.post('/admin/v1/api-keys', { name: form.elements.name.value, scopes: chosen });
          news.replaceChildren(shownOnce('The key is shown this once. Keep it in a safe place now.', made.secret));
          form.reset();
          done();
        } catch (error) {
          news.replaceChildren(problem(error));
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
  return h('div', {}, form, news);
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
  if (parameters.kind === 'audit') return audit(main, shown);
  const list = pagedList(
    async (cursor) => {
      const offset = cursor ?? 0;
      const page = await api.get(`/admin/v1/${kind[0]}`, { limit: String(rowsShown), offset: String(offset) });
      const columns = columnsOf(page.rows);
      if (kind[0] === 'api-keys') columns.push({ title: '', of: (row) => revocation(row, list.show) });
      return {
        nodes: [table(`${kind[1]}: ${amount(page.pagination.totalCount)}`, columns, page.rows)],
        next: page.pagination.hasMore ? offset + rowsShown : undefined,
      };
    },
    { back: 'Previous', on: 'Next' },
  );
  main.append(h('h2', {}, kind[1]));
  if (kind[0] === 'api-keys') main.append(newKey(list.restart));
  if (kind[0] === 'report-presets')
    main.append(
      h(
        'p',
        { class: 'lead below' },
        'They are made, opened, rotated and disabled on the page ',
        reportsLink(),
        '.',
      ),
    );
  main.append(list.element);
  await list.show();
}
