import { api } from './api.js';
import { draw } from './charts.js';
import { download, field, h, input, problem, table } from './dom.js';
import { amount, csv, day } from './format.js';
import { report as ask } from './ledger.js';

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
    shown.map((each) => ({ name: words(each), texts: rows.map((row) => row[each] ?? '0') })),
    { exact: true },
  );
}

async function saveAsPreset(form, told) {
  const asked = askedBy(form);
  const name = prompt('A name for the preset');
  if (!name) return;
  try {
    const made = await api.post('/admin/v1/report-presets', {
      name,
      dimensions: asked.dimensions,
      measures: asked.measures,
    });
    const dates = new URLSearchParams({ format: 'csv', startDate: asked.startDate, endDate: asked.endDate });
    const url = `${location.origin}/api/v1/reports/${made.token}?${dates}`;
    told.replaceChildren(
      h(
        'div',
        { class: 'done' },
        h('p', {}, 'Saved. Whoever has this address reads the report. It is shown this once.'),
        h('pre', { tabindex: '0' }, url),
        h(
          'button',
          { type: 'button', class: 'quiet', onclick: () => navigator.clipboard.writeText(url) },
          'Copy the address',
        ),
      ),
    );
  } catch (error) {
    told.replaceChildren(problem(error));
  }
}

export default async function reports(main, { may }) {
  const chart = h('figure', { class: 'card', hidden: true });
  const result = h('div', {});
  const told = h('div', {});
  let latest = null;
  const form = h(
    'form',
    {
      onsubmit: async (event) => {
        event.preventDefault();
        try {
          const asked = askedBy(form);
          const report = await ask(asked);
          const names = [...new Set([...asked.dimensions, ...report.rows.flatMap((row) => Object.keys(row))])];
          const isMeasure = (name) => !dimensions.includes(name) && name !== 'currency';
          const columns = names.map((name) => ({
            title: words(name),
            number: isMeasure(name),
            of: (row) => (isMeasure(name) ? amount(row[name]) : (row[name] ?? '')),
          }));
          const totals = names.map((name, i) =>
            isMeasure(name) ? amount(report.totals[name]) : i === 0 ? 'Total' : '',
          );
          latest = [names, ...report.rows.map((row) => names.map((name) => row[name] ?? ''))];
          drawChart(chart, asked, report);
          result.replaceChildren(
            table(`${report.rows.length} rows`, columns, report.rows, {
              foot: totals,
              empty: 'Nothing in this time.',
            }),
          );
        } catch (error) {
          chart.hidden = true;
          result.replaceChildren(problem(error));
        }
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
    h(
      'div',
      { class: 'bar' },
      h('button', {}, 'Build report'),
      h(
        'button',
        {
          type: 'button',
          class: 'quiet',
          onclick: () => latest && download('report.csv', 'text/csv;charset=utf-8', csv(latest)),
        },
        'Export CSV',
      ),
      may('admin') &&
        h('button', { type: 'button', class: 'quiet', onclick: () => saveAsPreset(form, told) }, 'Save as preset'),
    ),
  );
  main.append(form, told, chart, result);
  form.requestSubmit();
}
