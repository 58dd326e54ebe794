import { h, problem } from './dom.js';

/**
 * A list that is shown page by page: `load(cursor)` gives {nodes, next}, and no `next` at the end. While a page is on
 * its way the old one stays; an answer that a later question has overtaken is dropped.
 */
export function pagedList(load, { back = 'Newer', on = 'Older' } = {}) {
  const stack = [undefined];
  let next;
  let asked = 0;
  const list = h('div', { class: 'list' });
  const onward = h('button', { type: 'button', class: 'quiet' }, on);
  const backward = h('button', { type: 'button', class: 'quiet' }, back);
  const pager = h('nav', { class: 'pager', 'aria-label': 'Pages of the list', hidden: true }, backward, onward);
  const show = async () => {
    const mine = ++asked;
    const pressed = [onward, backward].find((each) => each === document.activeElement);
    list.setAttribute('aria-busy', 'true');
    onward.disabled = backward.disabled = true;
    let page;
    try {
      page = await load(stack.at(-1));
    } catch (error) {
      page = { nodes: [problem(error, show)] };
    }
    if (mine !== asked) return;
    list.removeAttribute('aria-busy');
    list.replaceChildren(...page.nodes);
    next = page.next;
    onward.disabled = next === undefined;
    backward.disabled = stack.length === 1;
    pager.hidden = onward.disabled && backward.disabled;
    // A button that cannot be pressed any more loses the focus; the other one keeps it near.
    if (pressed) (pressed.disabled ? (pressed === onward ? backward : onward) : pressed).focus();
  };
  onward.addEventListener('click', () => {
    stack.push(next);
    return show();
  });
  backward.addEventListener('click', () => {
    stack.pop();
    return show();
  });
  return {
    element: h('div', {}, list, pager),
    show,
    restart: () => {
      stack.length = 1;
      return show();
    },
  };
}
