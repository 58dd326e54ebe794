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
          columns.map((column) => h('th', { scope: 'col', class: of(column) }, column.title || unseen('Actions'))),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) => tableRow(columns, row)),
      ),
      options.feet &&
        h(
          'tfoot',
          {},
          options.feet.map((foot) =>
            h(
              'tr',
              {},
              foot.map((text, i) => h('th', { class: of(columns[i]) }, text)),
            ),
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

/** A form above a list; `search` is called when it is sent. */
export const searchForm = (search, ...controls) =>
  h(
    'form',
    {
      class: 'filters',
      role: 'search',
      onsubmit: (event) => {
        event.preventDefault();
        search();
      },
    },
    controls,
  );

export const values = (form) =>
  Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));

/** What went wrong; with `again`, a button that tries once more. */
export const problem = (error, again) =>
  h(
    'div',
    { class: 'problem', role: 'alert' },
    h('p', {}, error.message ?? String(error)),
    again && h('button', { type: 'button', class: 'quiet', onclick: () => again() }, 'Try again'),
  );

/** Words for screen readers only. */
export const unseen = (text) => h('span', { class: 'unseen' }, text);

/** A button inside a table or beside a list. `about` tells screen readers which row it is of. */
export const quiet = (text, act, about) =>
  h('button', { type: 'button', class: 'quiet', onclick: act }, text, about && unseen(` ${about}`));

/** Asks before something that cannot be undone; gives whether it was confirmed. */
export function confirmed(question, action) {
  return new Promise((resolve) => {
    const dialog = h(
      'dialog',
      { 'aria-label': question },
      h('p', {}, question),
      h(
        'form',
        { method: 'dialog', class: 'bar' },
        h('button', { value: 'yes' }, action),
        h('button', { value: 'no', class: 'quiet' }, 'Cancel'),
      ),
    );
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Something that is shown this once, with a button that copies it. */
export const shownOnce = (words, text) =>
  h(
    'div',
    { class: 'done', role: 'status' },
    h('p', {}, words),
    h('pre', { tabindex: '0' }, text),
    // A browser gives the clipboard to pages of this machine and over https only.
    navigator.clipboard &&
      quiet('Copy', async () => {
        await navigator.clipboard.writeText(text);
        say('Copied.');
      }),
  );

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

export function download(name, type, content) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
