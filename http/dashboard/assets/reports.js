import { draw } from './charts.js';
import { download, field, h, input, problem, quiet, say, select, table } from './dom.js';
import { amount, csv, day } from './format.js';
import { report as ask } from './ledger.js';
import { presets } from './presets.js';

const dimensions = [
  'date',
  'brand',
  'affiliate',
  'campaign',
  'link',
  'creative',
  'country',
  'marketing_source',
  'sub1',
  'sub2',
  'sub3',
  'sub4',
  'sub5',
  'player',
];
const filterable = dimensions.filter((each) => each !== 'date');
const measures = [
  'click_count',
  'unique_click_count',
  'banner_view_count',
  'registration_count',
  'ftd_count',
  'ftd_amount',
  'deposit_count',
  'deposit_amount',
  'withdrawal_amount',
  'chargeback_amount',
  'bonus_amount',
  'ggr',
  'ngr',
  'cpa_reward',
  'revshare_reward',
  'total_reward',
  'click_through_rate',
  'click_to_registration_rate',
  'click_to_ftd_rate',
  'registration_to_ftd_rate',
];
const usual = {
  dimensions: ['date'],
  measures: ['click_count', 'registration_count', 'ftd_count', 'deposit_amount', 'ngr', 'total_reward'],
};

const words = (name) =>
  name
    .replaceAll('_', ' ')
    .replace(/\bftd\b/, 'FTD')
    .replace(/\bngr\b/, 'NGR')
    .replace(/\bggr\b/, 'GGR')
    .replace(/\bcpa\b/, 'CPA');

const choices = (legend, name, all, chosen) =>
  h(
    'fieldset',
    { class: 'choices' },
    h('legend', {}, legend),
    all.map((each) =>
      h(
        'label',
        { class: 'check' },
        h('input', { type: 'checkbox', name, value: each, checked: chosen.includes(each) }),
        words(each),
      ),
    ),
  );

const picked = (form, name) => [...form.querySelectorAll(`input[name=${name}]:checked`)].map((each) => each.value);

function askedBy(form) {
  return {
    dimensions: picked(form, 'dimensions'),
    measures: picked(form, 'measures'),
    filters: filtersOf(form),
    startDate: form.elements.from.value,
    endDate: form.elements.to.value,
  };
}

function drawChart(place, asked, report) {
  const by = asked.dimensions[0];
  const shown = asked.measures.slice(0, 4);
  if (!by || !report.rows.length || !shown.length) {
    place.hidden = true;
    return;
  }
  place.hidden = false;
  const canvas = h('canvas');
  const name = (row) => asked.dimensions.map((each) => row[each] || '(none)').join(' · ');
  place.replaceChildren(
    h('figcaption', {}, `By ${asked.dimensions.map(words).join(', ')}`),
    h('div', { class: 'chart' }, canvas),
  );
  const rows = report.rows.slice(0, 200);
  draw(
    canvas,
    by === 'date' ? 'line' : 'bar',
    rows.map(name),
    shown.map((each) => ({
      name: words(each),
      texts: rows.map((row) => row[each] ?? '0'),
      // Counts beside money would be a flat line: each kind has a scale of its own.
      axis: each.endsWith('_count') ? 'counts' : each.endsWith('_rate') ? 'rates' : 'y',
    })),
    { exact: true },
  );
}

/** One filter: a dimension and the values that it may have. */
function filterRow(chosen = '', allowed = '') {
  const row = h(
    'div',
    { class: 'bar' },
    field(
      'Only where',
      select('filterBy', [['', 'choose'], ...filterable.map((each) => [each, words(each)])], chosen),
    ),
    field('is one of (comma between)', input('filterValues', { value: allowed, size: '30' })),
    quiet('Remove', () => row.remove(), 'this filter'),
  );
  return row;
}

function filtersOf(form) {
  const found = {};
  for (const row of form.querySelectorAll('.filter-rows > div')) {
    const [by, text] = [row.querySelector('select').value, row.querySelector('input').value];
    const allowed = text
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean);
    if (by && allowed.length) found[by] = [...(found[by] ?? []), ...allowed];
  }
  return found;
}

/** Fills the form with what a preset asks. */
function take(form, preset) {
  for (const box of form.querySelectorAll('input[type=checkbox]'))
    box.checked = (preset[box.name] ?? []).includes(box.value);
  form
    .querySelector('.filter-rows')
    .replaceChildren(
      ...Object.entries(preset.filters ?? {}).map(([by, allowed]) => filterRow(by, allowed.join(', '))),
    );
}

/** Columns, rows and totals as texts. */
function tableOf(asked, report) {
  const names = [
    ...new Set([...asked.dimensions, ...report.rows.flatMap((row) => Object.keys(row)), ...asked.measures]),
  ];
  const isMeasure = (name) => measures.includes(name);
  const columns = names.map((name) => ({
    title: words(name),
    number: isMeasure(name),
    of: (row) => (isMeasure(name) ? amount(row[name]) : (row[name] ?? '')),
  }));
  const line = (first, figures, currency) =>
    names.map((name, i) =>
      isMeasure(name) ? amount(figures[name]) : i === 0 ? first : name === 'currency' ? currency : '',
    );
  const feet = report.totalsByCurrency
    ? report.totalsByCurrency.map((each) => line('Total', each.metrics, each.currency))
    : [line('Total', report.totals, '')];
  return {
    table: table(
      `${amount(String(report.rows.length))} row${report.rows.length === 1 ? '' : 's'}`,
      columns,
      report.rows,
      {
        feet,
        empty: 'Nothing happened in this time.',
      },
    ),
    csv: [names, ...report.rows.map((row) => names.map((name) => row[name] ?? ''))],
  };
}

export default async function reports(main, { may, signal }) {
  const chart = h('figure', { class: 'card', hidden: true });
  const result = h('div', {});
  let latest = null;
  const build = async () => {
    result.setAttribute('aria-busy', 'true');
    try {
      const asked = askedBy(form);
      const report = await ask(asked);
      if (signal.aborted) return;
      const made = tableOf(asked, report);
      latest = made.csv;
      drawChart(chart, asked, report);
      result.replaceChildren(made.table);
    } catch (error) {
      chart.hidden = true;
      latest = null;
      result.replaceChildren(problem(error, build));
    }
    result.removeAttribute('aria-busy');
  };
  const rows = h('div', { class: 'filter-rows' });
  const form = h(
    'form',
    {
      onsubmit: (event) => {
        event.preventDefault();
        build();
      },
    },
    h(
      'div',
      { class: 'bar' },
      field('From', input('from', { type: 'date', required: true, value: day(-30) })),
      field('To (included)', input('to', { type: 'date', required: true, value: day() })),
    ),
    choices('Group by', 'dimensions', dimensions, usual.dimensions),
    choices('Measures', 'measures', measures, usual.measures),
    rows,
    h(
      'div',
      { class: 'bar' },
      h('button', {}, 'Build report'),
      quiet('Add a filter', () => {
        rows.append(filterRow());
        rows.lastChild.querySelector('select').focus();
      }),
      quiet('Export CSV', () =>
        latest
          ? download('report.csv', 'text/csv;charset=utf-8', csv(latest))
          : say('There is no report to export yet.'),
      ),
    ),
  );
  const kept =
    may('admin') &&
    presets(
      () => askedBy(form),
      (preset) => {
        take(form, preset);
        form.requestSubmit();
        form.scrollIntoView({ block: 'start' });
      },
    );
  main.append(form, chart, result, kept ? kept.element : '');
  await Promise.all([build(), kept && kept.show()]);
}
