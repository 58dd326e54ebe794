// The one place where an amount becomes a floating point number: the height of a point. What a chart says in words, in
// its tooltips, is the text that the server sent.

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const colours = () => [1, 2, 3, 4].map((i) => colour(`--chart-${i}`));

function options(unit, exact, further) {
  const grid = { color: colour('--line') };
  const ticks = { color: colour('--soft'), maxRotation: 0, autoSkip: true, maxTicksLimit: 8 };
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: 'index', intersect: false },
    scales: {
      x: { grid, ticks },
      y: { grid, ticks: { ...ticks, display: !exact }, beginAtZero: true },
      ...Object.fromEntries(further.map((axis) => [axis, { display: false, beginAtZero: true }])),
    },
    plugins: {
      legend: { labels: { color: colour('--ink'), boxWidth: 14 } },
      tooltip: {
        callbacks: {
          label: (item) => `${item.dataset.label}: ${item.dataset.texts[item.dataIndex]}${unit ? ' ' + unit : ''}`,
        },
      },
    },
  };
}

/**
 * `series`: {name, texts, axis?}; those of one axis share a scale. Draws lines or bars on a canvas that describes
 * itself in words. `exact`: without marks on the scale, which would be floating point numbers.
 */
export function draw(canvas, kind, labels, series, { unit = '', exact = false } = {}) {
  canvas.chart?.destroy();
  canvas.setAttribute('role', 'img');
  canvas.setAttribute(
    'aria-label',
    series
      .map((each) => `${each.name}: ${each.texts.length} values, the last ${each.texts.at(-1) ?? 'none'} ${unit}`)
      .join('; '),
  );
  const palette = colours();
  canvas.chart = new window.Chart(canvas, {
    type: kind,
    data: {
      labels,
      datasets: series.map((each, i) => ({
        label: each.name,
        texts: each.texts,
        data: each.texts.map(Number),
        stepped: each.stepped ?? false,
        yAxisID: each.axis ?? 'y',
        borderColor: palette[i % 4],
        backgroundColor: palette[i % 4],
        borderWidth: 2,
        pointRadius: labels.length > 60 ? 0 : 2,
      })),
    },
    options: options(unit, exact, [
      ...new Set(series.map((each) => each.axis).filter((axis) => axis && axis !== 'y')),
    ]),
  });
  return canvas.chart;
}

/** Adds one point to a chart of lines and drops the oldest beyond `most`. */
export function push(canvas, label, texts, most = 60) {
  const { chart } = canvas;
  chart.data.labels.push(label);
  chart.data.datasets.forEach((set, i) => {
    set.texts.push(texts[i]);
    set.data.push(Number(texts[i]));
  });
  if (chart.data.labels.length > most) {
    chart.data.labels.shift();
    for (const set of chart.data.datasets) {
      set.texts.shift();
      set.data.shift();
    }
  }
  chart.update();
}
