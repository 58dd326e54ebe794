import { api } from './api.js';
import { download, field, h, input, pager, problem, say, select, table, values } from './dom.js';
import { amount, time } from './format.js';

const billing = '/api/node/billing/v1';

const statusPill = (status) =>
  h('span', { class: `pill ${{ PAID: 'good', ERROR: 'bad', IN_PROGRESS: 'warn' }[status] ?? ''}` }, status);

/** What a line of a statement is about, in words. */
const ruleOf = (line) =>
  line.adjustment?.rule ??
  line.adjustments?.map((each) => each.rule).join(', ') ??
  (line.settled ? 'settled' : (line.status ?? (line.metric ? 'revshare' : '')));

const statementColumns = [
  { title: 'Time (UTC)', of: (line) => time(line.time) },
  { title: 'Entry', number: true, of: (line) => amount(line.sequence) },
  { title: 'Kind', of: (line) => line.kind },
  { title: 'Rule', of: ruleOf },
  { title: 'Metric', of: (line) => line.metric ?? '' },
  { title: 'Gross', number: true, of: (line) => amount(line.gross ?? line.adjustment?.base) },
  { title: 'Rate %', number: true, of: (line) => line.rate ?? line.adjustment?.rate ?? '' },
  { title: 'Earned', number: true, of: (line) => amount(line.earned) },
  { title: 'Earned in all', number: true, of: (line) => amount(line.earnedAfter) },
];

const proofOf = (page) =>
  page.sumHolds === undefined
    ? `Earned before these lines: ${amount(page.earnedBefore)}`
    : page.sumHolds
      ? 'The lines add up to what was earned in all.'
      : 'The lines do not add up to what was earned: please report this.';

async function statement(place, row) {
  const list = h('div', {});
  const pages = pager(async (cursor) => {
    try {
      const page = await api.get(`${billing}/accounts/${row.affiliateId}/statement`, {
        currency: row.currency,
        limit: '50',
        cursor,
      });
      list.replaceChildren(
        table(`Statement of ${row.affiliateName}, ${row.currency}, newest first`, statementColumns, page.lines),
        h('p', { class: 'lead' }, proofOf(page)),
      );
      return page.pagination.nextCursor;
    } catch (error) {
      list.replaceChildren(problem(error));
      return undefined;
    }
  });
  place.replaceChildren(h('h2', {}, 'Statement'), list, pages.element);
  await pages.show();
  place.scrollIntoView({ block: 'start' });
}

function settleForm(place, done) {
  const told = h('div', {});
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
  const preview = async () => {
    try {
      const draft = await api.post(`${billing}/settle-balances`, body(true));
      const parts = draft.accountSettlements;
      told.replaceChildren(
        table(
          'What would be settled',
          [
            { title: 'Affiliate', of: (part) => part.affiliateName },
            { title: 'Currency', of: (part) => part.currency },
            { title: 'Exact', number: true, of: (part) => amount(part.exact) },
            { title: 'Payable', number: true, of: (part) => amount(part.amount) },
            { title: 'Residue', number: true, of: (part) => amount(part.residue) },
          ],
          parts,
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
        parts.length
          ? h(
              'div',
              { class: 'bar' },
              h(
                'button',
                {
                  type: 'button',
                  onclick: async () => {
                    try {
                      await api.post(`${billing}/settle-balances`, body(false));
                      // The next settlement is another one; until this one is known, a repetition is the same.
                      requestId = crypto.randomUUID();
                      told.replaceChildren(h('p', { class: 'done' }, 'Settled.'));
                      say('The balances are settled.');
                      done();
                    } catch (error) {
                      told.append(problem(error));
                    }
                  },
                },
                `Settle ${parts.length} account${parts.length === 1 ? '' : 's'}`,
              ),
            )
          : '',
      );
    } catch (error) {
      told.replaceChildren(problem(error));
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
    place,
    field('Up to (UTC, excluded)', input('upTo', { type: 'date' })),
    field('Minimum', input('minimum', { inputmode: 'decimal', size: '8' })),
    field('Note', input('note', { maxlength: '255' })),
    h('button', {}, 'Preview'),
  );
  return h('div', {}, form, told);
}

async function settlements(list, changed) {
  const page = await api.get(`${billing}/settlements`, { limit: '20' });
  const whole = await Promise.all(page.rows.map((each) => api.get(`${billing}/settlements/${each.id}`)));
  const rows = whole.flatMap((each) => each.accountSettlements.map((part) => ({ ...part, settlement: each })));
  const next = {
    NEW: ['IN_PROGRESS', 'PAID'],
    IN_PROGRESS: ['PAID'],
    ERROR: ['IN_PROGRESS'],
    PAID: [],
    DELETED: [],
  };
  const act = async (work) => {
    try {
      await work();
      changed();
    } catch (error) {
      say(error.message);
    }
  };
  list.replaceChildren(
    table(
      'Settlements, newest first',
      [
        { title: 'Made (UTC)', of: (row) => time(row.settlement.createdAt) },
        { title: 'Affiliate', of: (row) => row.affiliateName },
        { title: 'Currency', of: (row) => row.currency },
        { title: 'Payable', number: true, of: (row) => amount(row.amount) },
        { title: 'Status', of: (row) => statusPill(row.status) },
        { title: 'Note', wrap: true, of: (row) => row.settlement.note ?? '' },
        {
          title: '',
          of: (row) =>
            h(
              'span',
              { class: 'bar' },
              (next[row.status] ?? []).map((status) =>
                h(
                  'button',
                  {
                    type: 'button',
                    class: 'quiet',
                    onclick: () =>
                      act(() => api.post(`${billing}/account-settlements/${row.id}/status`, { status })),
                  },
                  status.replace('_', ' ').toLowerCase(),
                ),
              ),
              !['PAID', 'DELETED'].includes(row.status) &&
                h(
                  'button',
                  {
                    type: 'button',
                    class: 'quiet',
                    onclick: () =>
                      confirm('Delete this account settlement? Its movements are open again.') &&
                      act(() => api.delete(`${billing}/account-settlements/${row.id}`)),
                  },
                  'delete',
                ),
              h(
                'button',
                {
                  type: 'button',
                  class: 'quiet',
                  onclick: () =>
                    act(async () =>
                      download(
                        'settlement.csv',
                        'text/csv',
                        await api.blob(`${billing}/settlements/${row.settlement.id}/csv`),
                      ),
                    ),
                },
                'CSV',
              ),
            ),
        },
      ],
      rows,
      { empty: 'No settlement yet.' },
    ),
  );
}

export default async function affiliates(main) {
  const balances = h('div', {});
  const detail = h('section', {});
  const made = h('div', {});
  const refresh = async () => {
    const page = await api.get(`${billing}/open-balances`, { limit: '200' });
    balances.replaceChildren(
      table(
        'What each affiliate has',
        [
          { title: 'Affiliate', of: (row) => row.affiliateName },
          { title: 'Currency', of: (row) => row.currency },
          { title: 'Open', number: true, of: (row) => amount(row.openBalance) },
          { title: 'On hold', number: true, of: (row) => amount(row.buckets.onHold) },
          { title: 'Carried', number: true, of: (row) => amount(row.buckets.carried) },
          { title: 'Pending', number: true, of: (row) => amount(row.buckets.pending) },
          { title: 'Paid', number: true, of: (row) => amount(row.buckets.paid) },
          { title: 'Entries', number: true, of: (row) => amount(row.entries) },
          {
            title: '',
            of: (row) =>
              h('button', { type: 'button', class: 'quiet', onclick: () => statement(detail, row) }, 'Statement'),
          },
        ],
        page.rows,
        { empty: 'No affiliate has earned anything yet.' },
      ),
    );
    await settlements(made, refresh);
    return page.rows;
  };
  const rows = await refresh();
  const seen = new Map(rows.map((row) => [row.affiliateId, row.affiliateName]));
  const who = field('Affiliate', select('affiliate', [['', 'all'], ...seen]));
  main.append(balances, h('h2', {}, 'Settle'), settleForm(who, refresh), h('h2', {}, 'Settlements'), made, detail);
}
