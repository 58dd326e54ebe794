import { api } from './api.js';
import { confirmed, field, h, input, problem, quiet, say, shownOnce, table } from './dom.js';
import { day } from './format.js';
import { pagedList } from './list.js';

const path = '/admin/v1/report-presets';

/** How many presets a page has. */
const rowsShown = 20;

const addressOf = (token, { startDate, endDate } = {}) =>
  `${location.origin}/api/v1/reports/${token}?${new URLSearchParams({
    format: 'csv',
    startDate: startDate ?? day(-30),
    endDate: endDate ?? day(),
  })}`;

const told = 'Whoever has this address reads the report. It is shown this once.';

const askedIn = (row) =>
  [row.dimensions.join(', '), Object.keys(row.filters ?? {}).length ? 'filtered' : ''].filter(Boolean).join('; ');

/**
 * The presets of reports and what can be done with them. `asked` gives the question of the form; `open` is given a
 * preset to ask what it asks.
 */
export function presets(asked, open) {
  const news = h('div', { class: 'news' });
  const act = async (work) => {
    try {
      await work();
    } catch (error) {
      news.replaceChildren(problem(error));
    }
    await list.show();
  };
  const rotate = (row) =>
    act(async () => {
      const sure = await confirmed(
        `Give "${row.name}" another address? The old one stops at once, for everybody who uses it.`,
        'Rotate',
      );
      if (!sure) return;
      const made = await api.post(`${path}/${row.id}/rotate`);
      news.replaceChildren(shownOnce(`"${row.name}" has another address. ${told}`, addressOf(made.token)));
    });
  const enable = (row, enabled) =>
    act(async () => {
      await api.patch(`${path}/${row.id}`, { enabled });
      say(`"${row.name}" is ${enabled ? 'enabled' : 'disabled: its address is refused'}.`);
    });
  const columns = [
    { title: 'Name', wrap: true, of: (row) => row.name },
    { title: 'Grouped by', wrap: true, of: askedIn },
    { title: 'Measures', wrap: true, of: (row) => row.measures.join(', ').replaceAll('_', ' ') },
    {
      title: 'State',
      of: (row) =>
        h('span', { class: `pill ${row.enabled ? 'good' : 'bad'}` }, row.enabled ? 'enabled' : 'disabled'),
    },
    {
      title: '',
      of: (row) =>
        h(
          'span',
          { class: 'actions' },
          quiet('Open', () => open(row), `the preset ${row.name}`),
          quiet('Rotate', () => rotate(row), `the address of ${row.name}`),
          row.enabled
            ? quiet('Disable', () => enable(row, false), row.name)
            : quiet('Enable', () => enable(row, true), row.name),
        ),
    },
  ];
  const list = pagedList(
    async (cursor) => {
      const offset = cursor ?? 0;
      const page = await api.get(path, { limit: String(rowsShown), offset: String(offset) });
      return {
        nodes: [table('Presets', columns, page.rows, { empty: 'No preset yet.' })],
        next: page.pagination.hasMore ? offset + rowsShown : undefined,
      };
    },
    { back: 'Previous', on: 'Next' },
  );
  const form = h(
    'form',
    {
      class: 'bar',
      onsubmit: (event) => {
        event.preventDefault();
        act(async () => {
          const question = asked();
          const made = await api.post(path, {
            name: form.elements.name.value,
            dimensions: question.dimensions,
            measures: question.measures,
            filters: question.filters,
          });
          news.replaceChildren(shownOnce(`Saved. ${told}`, addressOf(made.token, question)));
          form.reset();
        });
      },
    },
    field('Save this report as', input('name', { required: true, maxlength: '255', placeholder: 'a name' })),
    h('button', { class: 'quiet' }, 'Save as preset'),
  );
  return {
    element: h('section', {}, h('h2', {}, 'Presets'), form, news, list.element),
    show: list.show,
  };
}
