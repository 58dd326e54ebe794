import { api, key, onRefusal } from './api.js';
import { field, h, input, problem } from './dom.js';
import overview from './overview.js';
import players from './players.js';
import player from './player.js';
import movements from './movements.js';
import affiliates from './affiliates.js';
import reports from './reports.js';
import destinations from './destinations.js';
import workspace from './workspace.js';

const pages = [
  { name: 'overview', title: 'Overview', draw: overview },
  { name: 'players', title: 'Players', draw: players },
  { name: 'movements', title: 'Player movements', draw: movements },
  { name: 'affiliates', title: 'Affiliates', draw: affiliates, needs: 'billing' },
  { name: 'reports', title: 'Reports', draw: reports },
  { name: 'destinations', title: 'Events & destinations', draw: destinations },
  { name: 'workspace', title: 'Keys & workspace', draw: workspace, needs: 'admin' },
  { name: 'player', title: 'Player', draw: player, under: 'players' },
];

const main = document.getElementById('main');
let leaving = new AbortController();
let session = null;

const may = (scope) => !scope || session.key.scopes.includes(scope) || session.key.scopes.includes('admin');

/** "#/players?brand=x" -> ["players", {brand: "x"}] */
function route() {
  const [path, query = ''] = location.hash.replace(/^#\//, '').split('?');
  return [path || 'overview', Object.fromEntries(new URLSearchParams(query))];
}

async function show() {
  leaving.abort();
  leaving = new AbortController();
  if (!session) return signIn();
  const [name, parameters] = route();
  const page = pages.find((each) => each.name === name) ?? pages[0];
  document.title = `${page.title} · Croupier`;
  for (const link of document.querySelectorAll('#nav a')) {
    if (link.dataset.page === (page.under ?? page.name)) {
      link.setAttribute('aria-current', 'page');
      link.scrollIntoView({ block: 'nearest', inline: 'center' });
    } else link.removeAttribute('aria-current');
  }
  main.replaceChildren(h('h1', {}, page.title));
  if (!may(page.needs))
    return main.append(
      problem({ message: `This key may not see this page: that needs a key with the scope "${page.needs}".` }),
    );
  const { signal } = leaving;
  main.setAttribute('aria-busy', 'true');
  try {
    await page.draw(main, { session, parameters, signal, may });
  } catch (error) {
    if (!signal.aborted) main.append(problem(error, show));
  }
  if (!signal.aborted) main.removeAttribute('aria-busy');
}

function enter() {
  document.getElementById('top').hidden = false;
  document.getElementById('who').textContent = session.key.name;
  document
    .getElementById('nav')
    .replaceChildren(
      ...pages
        .filter((page) => !page.under && may(page.needs))
        .map((page) => h('li', {}, h('a', { href: `#/${page.name}`, 'data-page': page.name }, page.title))),
    );
}

function signIn(message) {
  document.title = 'Sign in · Croupier';
  document.getElementById('top').hidden = true;
  const say = h('div', {});
  if (message) say.append(problem({ message }));
  const form = h(
    'form',
    {
      onsubmit: async (event) => {
        event.preventDefault();
        key.set(form.elements.key.value.trim());
        if (await open((error) => say.replaceChildren(problem(error)))) show();
      },
    },
    field('API key', input('key', { type: 'password', required: true, autocomplete: 'current-password' })),
    h('button', {}, 'Sign in'),
    say,
  );
  main.replaceChildren(
    h(
      'section',
      { class: 'sign-in card' },
      h('h1', {}, 'Croupier'),
      h(
        'p',
        { class: 'lead' },
        'Sign in with an API key that may read. It stays in this tab and is forgotten when the tab closes.',
      ),
      form,
    ),
  );
  form.elements.key.focus();
}

function signOut(message) {
  key.forget();
  session = null;
  leaving.abort();
  signIn(message);
}

/** Takes the key that is kept; what is wrong with it is told. A server that is away says nothing about a key. */
async function open(failed) {
  try {
    session = await api.get('/dashboard/session');
    enter();
    return true;
  } catch (error) {
    if ([401, 403].includes(error.status)) key.forget();
    failed(
      error.status === 401
        ? { message: 'The server does not know this key.' }
        : error.status === 403
          ? { message: 'This key may not read: the dashboard needs a key with the scope "read".' }
          : error,
    );
    return false;
  }
}

/** Begins with the key of this tab, if there is one. */
async function begin() {
  if (!key.get()) return signIn();
  const away = (error) => (key.get() ? main.replaceChildren(problem(error, begin)) : signIn(error.message));
  if (await open(away)) await show();
}

onRefusal(() => session && signOut('The key is not valid any more.'));
document.getElementById('sign-out').addEventListener('click', () => signOut());
window.addEventListener('hashchange', () => {
  show().then(() => main.focus({ preventScroll: true }));
});
await begin();
