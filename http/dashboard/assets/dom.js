/** Makes an element. `attributes` with "on..." are listeners; children are nodes or texts, never markup. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (attribute.startsWith('on')) element.addEventListener(attribute.slice(2), value);
    else if (attribute === 'class') element.className = value;
    else if (attribute in element && typeof value !== 'string') element[attribute] = value;
    else element.setAttribute(attribute, value === true ? '' : value);
  }
  element.append(...children.flat(4).filter((each) => each !== undefined && each !== null && each !== false));
  return element;
}

/** `columns`: {title, number?, wrap?, of(row) -> text or node}. */
export function table(caption, columns, rows, options = {}) {
  if (!rows.length)
    return h('div', { class: 'scroll' }, h('p', { class: 'empty' }, options.empty ?? 'Nothing here yet.'));
  const of = (column) => (column.number ? 'number' : column.wrap ? 'wrap' : undefined);
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', {}, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          columns.map((column) => h('th', { scope: 'col', class: of(column) }, column.title)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) => tableRow(columns, row)),
      ),
      options.foot &&
        h(
          'tfoot',
          {},
          h(
            'tr',
            {},
            options.foot.map((text, i) => h('th', { class: of(columns[i]) }, text)),
          ),
        ),
    ),
  );
}

export const tableRow = (columns, row, fresh = false) =>
  h(
    'tr',
    { class: fresh ? 'fresh' : undefined },
    columns.map((column) => {
      const content = column.of(row);
      const negative = column.number && typeof content === 'string' && content.startsWith('−');
      return h(
        'td',
        {
          class:
            [column.number && 'number', column.wrap && 'wrap', negative && 'negative'].filter(Boolean).join(' ') ||
            undefined,
        },
        content ?? '',
      );
    }),
  );

export const field = (title, control) => h('label', {}, title, control);
export const input = (name, attributes = {}) =>
  h('input', { name, type: 'text', autocomplete: 'off', ...attributes });
export const select = (name, options, chosen) =>
  h(
    'select',
    { name },
    options.map(([value, title]) => h('option', { value, selected: value === chosen }, title)),
  );

export const values = (form) =>
  Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));

export const problem = (error) => h('p', { class: 'problem', role: 'alert' }, error.message ?? String(error));

export const card = (label, figure, note) =>
  h(
    'div',
    { class: 'card' },
    h('div', { class: 'label' }, label),
    h('div', { class: 'figure' }, figure),
    note && h('div', { class: 'note' }, note),
  );

/** Says something in the corner of the page, and to screen readers. */
export function say(text) {
  const line = h('p', {}, text);
  const status = document.getElementById('status');
  status.append(line);
  setTimeout(() => line.remove(), 6000);
}

/** "Newer" and "Older" over a stack of cursors; `load(cursor)` draws a page and gives the next cursor or nothing. */
export function pager(load) {
  const stack = [undefined];
  const older = h('button', { type: 'button', class: 'quiet' }, 'Older');
  const newer = h('button', { type: 'button', class: 'quiet' }, 'Newer');
  let next;
  const show = async () => {
    older.disabled = newer.disabled = true;
    next = await load(stack.at(-1));
    older.disabled = next === undefined;
    newer.disabled = stack.length === 1;
  };
  older.addEventListener('click', () => {
    stack.push(next);
    show();
  });
  newer.addEventListener('click', () => {
    stack.pop();
    show();
  });
  return {
    element: h('div', { class: 'pager' }, newer, older),
    show,
    restart: () => {
      stack.length = 1;
      return show();
    },
  };
}

export function download(name, type, content) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
