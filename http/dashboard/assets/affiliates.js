import { api } from './api.js';
import { field, h, input, quiet, searchForm, table, values } from './dom.js';
import { amount, time } from './format.js';
import { pagedList } from './list.js';
import { billing, settlements, settling } from './settlements.js';

/** How many rows a page has. */
const rowsShown = 50;

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
  const list = pagedList(async (cursor) => {
    const page = await api.get(`${billing}/accounts/${row.affiliateId}/statement`, {
      currency: row.currency,
      limit: String(rowsShown),
      cursor,
    });
    return {
      nodes: [
        table(`Statement of ${row.affiliateName}, ${row.currency}, newest first`, statementColumns, page.lines, {
          empty: `${row.affiliateName} has earned nothing in ${row.currency} yet.`,
        }),
        h('p', { class: 'lead below' }, proofOf(page)),
      ],
      next: page.pagination.nextCursor,
    };
  });
  place.replaceChildren(h('h2', { tabindex: '-1' }, `Statement of ${row.affiliateName}`), list.element);
  await list.show();
  place.firstChild.focus();
}

/** Rows by offset, as pages that go on. */
async function balancesFrom(offset, search) {
  const page = await api.get(`${billing}/open-balances`, {
    limit: String(rowsShown),
    offset: String(offset),
    affiliateName: search,
  });
  return { ...page, next: page.pagination.hasMore ? offset + rowsShown : undefined };
}

export default async function affiliates(main, { signal }) {
  const detail = h('section', {});
  const settlement = settling(() => Promise.all([balances.show(), made.show()]));
  const columns = [
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
        h(
          'span',
          { class: 'actions' },
          quiet('Statement', () => statement(detail, row), `of ${row.affiliateName} in ${row.currency}`),
          quiet('Settle', () => settlement.choose(row), `${row.affiliateName}`),
        ),
    },
  ];
  const balances = pagedList(
    async (cursor) => {
      const { search } = values(form);
      const page = await balancesFrom(cursor ?? 0, search);
      const count = `${amount(page.pagination.totalCount)} account${page.pagination.totalCount === '1' ? '' : 's'}`;
      return {
        nodes: [
          table(`What affiliates have: ${count}`, columns, page.rows, {
            empty: search ? 'No affiliate has that in its name.' : 'There is no affiliate yet.',
          }),
        ],
        next: page.next,
      };
    },
    { back: 'Previous', on: 'Next' },
  );
  const made = settlements(() => balances.show(), signal);
  const form = searchForm(
    () => balances.restart(),
    field('Affiliate (part of its name)', input('search', { type: 'search' })),
    h('button', {}, 'Search'),
  );
  main.append(
    form,
    balances.element,
    detail,
    h('h2', {}, 'Settle'),
    settlement.element,
    h('h2', {}, 'Settlements'),
    made.element,
  );
  await Promise.all([balances.show(), made.show()]);
}
