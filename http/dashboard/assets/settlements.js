import { api } from './api.js';
import { confirmed, download, field, h, input, problem, quiet, say, select, table, values } from './dom.js';
import { amount, time } from './format.js';
import { pagedList } from './list.js';

export const billing = '/api/node/billing/v1';

/** How many settlements a page has, and how many accounts of one are shown. */
const rowsShown = 20;
const accountsShown = 500;

const statusPill = (status) =>
  h('span', { class: `pill ${{ PAID: 'good', ERROR: 'bad', IN_PROGRESS: 'warn' }[status] ?? ''}` }, status);

/** Where a status may go from here: as the server allows it. */
const nextStatuses = { NEW: ['IN_PROGRESS'], IN_PROGRESS: ['PAID', 'ERROR'], ERROR: ['IN_PROGRESS'] };
const canBeDeleted = (status) => !['PAID', 'DELETED'].includes(status);

const previewOf = (draft) => [
  table(
    'What would be settled',
    [
      { title: 'Affiliate', of: (part) => part.affiliateName },
      { title: 'Currency', of: (part) => part.currency },
      { title: 'Exact', number: true, of: (part) => amount(part.exact) },
      { title: 'Payable', number: true, of: (part) => amount(part.amount) },
      { title: 'Residue', number: true, of: (part) => amount(part.residue) },
    ],
    draft.accountSettlements,
    { empty: 'Nothing would be settled.' },
  ),
  table(
    'Left out',
    [
      { title: 'Affiliate', of: (each) => each.affiliateName },
      { title: 'Currency', of: (each) => each.currency },
      { title: 'Open', number: true, of: (each) => amount(each.openBalance) },
      { title: 'Why', of: (each) => each.reason },
    ],
    draft.skipped,
    { empty: 'Nobody is left out.' },
  ),
];

/** The form that settles after a preview. `choose` limits it to the affiliate of a row. */
export function settling(done) {
  const told = h('div', {});
  const who = select('affiliate', [['', 'all affiliates']], '');
  let requestId = crypto.randomUUID();
  const body = (dryRun) => {
    const given = values(form);
    return {
      dryRun,
      requestId,
      ...(given.affiliate ? { affiliateIds: [given.affiliate] } : { all: true }),
      ...(given.upTo ? { upTo: `${given.upTo}T00:00:00Z` } : {}),
      ...(given.minimum ? { minimum: given.minimum } : {}),
      ...(given.note ? { note: given.note } : {}),
    };
  };
  const settle = async (asked) => {
    try {
      await api.post(`${billing}/settle-balances`, { ...asked, dryRun: false });
      // The next settlement is another one; until this one is known, a repetition is the same.
      requestId = crypto.randomUUID();
      told.replaceChildren(h('p', { class: 'done', role: 'status' }, 'Settled.'));
      done();
    } catch (error) {
      told.append(problem(error));
    }
  };
  const preview = async () => {
    const asked = body(true);
    try {
      const draft = await api.post(`${billing}/settle-balances`, asked);
      const count = draft.accountSettlements.length;
      // What is settled is what was previewed, whatever has been typed into the form since.
      const button = h('button', { type: 'button' }, `Settle ${count} account${count === 1 ? '' : 's'}`);
      button.addEventListener('click', async () => {
        button.disabled = true;
        await settle(asked);
        button.disabled = false;
      });
      told.replaceChildren(...previewOf(draft), count ? h('div', { class: 'bar' }, button) : '');
    } catch (error) {
      told.replaceChildren(problem(error, preview));
    }
  };
  const form = h(
    'form',
    {
      class: 'filters',
      onsubmit: (event) => {
        event.preventDefault();
        preview();
      },
    },
    field('Affiliate', who),
    field('Up to (UTC, excluded)', input('upTo', { type: 'date' })),
    field('Minimum', input('minimum', { inputmode: 'decimal', size: '8' })),
    field('Note', input('note', { maxlength: '255' })),
    h('button', {}, 'Preview'),
  );
  form.addEventListener('input', () => told.replaceChildren());
  return {
    element: h('div', {}, form, told),
    choose: (row) => {
      who.replaceChildren(
        h('option', { value: '' }, 'all affiliates'),
        h('option', { value: row.affiliateId, selected: true }, row.affiliateName),
      );
      told.replaceChildren();
      who.focus();
      preview();
    },
  };
}

async function showSettlement(place, id, changed) {
  const whole = await api.get(`${billing}/settlements/${id}`);
  const act = async (work, words) => {
    try {
      await work();
      say(words);
      changed();
    } catch (error) {
      say(error.message);
    }
    await showSettlement(place, id, changed);
  };
  const actions = (row) =>
    h(
      'span',
      { class: 'actions' },
      (nextStatuses[row.status] ?? []).map((status) =>
        quiet(
          `Set ${status}`,
          () =>
            act(
              () => api.post(`${billing}/account-settlements/${row.id}/status`, { status }),
              `${row.affiliateName}: ${status}`,
            ),
          `for ${row.affiliateName}`,
        ),
      ),
      canBeDeleted(row.status) &&
        quiet(
          'Delete',
          async () =>
            (await confirmed(
              `Delete the settlement of ${row.affiliateName}? Its movements are open again.`,
              'Delete',
            )) &&
            act(
              () => api.delete(`${billing}/account-settlements/${row.id}`),
              `The settlement of ${row.affiliateName} is deleted.`,
            ),
          `the settlement of ${row.affiliateName}`,
        ),
    );
  const parts = whole.accountSettlements;
  place.replaceChildren(
    table(
      `Settlement of ${time(whole.createdAt)} UTC${whole.note ? `: ${whole.note}` : ''}`,
      [
        { title: 'Affiliate', of: (row) => row.affiliateName },
        { title: 'Currency', of: (row) => row.currency },
        { title: 'Payable', number: true, of: (row) => amount(row.amount) },
        { title: 'Exact', number: true, of: (row) => amount(row.exact) },
        { title: 'Movements', number: true, of: (row) => amount(row.movements) },
        { title: 'Status', of: (row) => statusPill(row.status) },
        { title: '', of: actions },
      ],
      parts.slice(0, accountsShown),
    ),
    parts.length > accountsShown
      ? h('p', { class: 'lead below' }, `${amount(String(parts.length - accountsShown))} more are in the CSV.`)
      : '',
  );
}

/** The list of settlements; `changed` is called when something about one has changed. */
export function settlements(changed) {
  const detail = h('section', {});
  const columns = [
    { title: 'Made (UTC)', of: (row) => time(row.createdAt) },
    { title: 'Accounts', number: true, of: (row) => amount(row.accountSettlementCount) },
    { title: 'Left out', number: true, of: (row) => amount(row.skippedCount) },
    { title: 'Up to (UTC)', of: (row) => time(row.upTo) },
    { title: 'Note', wrap: true, of: (row) => row.note ?? '' },
    {
      title: '',
      of: (row) =>
        h(
          'span',
          { class: 'actions' },
          quiet('Open', () => open(row.id), `the settlement of ${time(row.createdAt)}`),
          quiet(
            'CSV',
            async () => {
              try {
                download('settlement.csv', 'text/csv', await api.blob(`${billing}/settlements/${row.id}/csv`));
              } catch (error) {
                say(error.message);
              }
            },
            `of the settlement of ${time(row.createdAt)}`,
          ),
        ),
    },
  ];
  const open = async (id) => {
    try {
      await showSettlement(detail, id, changed);
    } catch (error) {
      detail.replaceChildren(problem(error, () => open(id)));
    }
  };
  const list = pagedList(async (cursor) => {
    const offset = cursor ?? 0;
    const page = await api.get(`${billing}/settlements`, { limit: String(rowsShown), offset: String(offset) });
    // What somebody looks for first is the newest one.
    if (offset === 0 && page.rows.length) await open(page.rows[0].id);
    return {
      nodes: [table('Settlements, newest first', columns, page.rows, { empty: 'No settlement yet.' })],
      next: page.pagination.hasMore ? offset + rowsShown : undefined,
    };
  });
  return { element: h('div', {}, list.element, detail), show: list.show };
}
