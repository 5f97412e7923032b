// Pages by the hash of the address: '#/queues/:name' matches '#/queues/orders'. Parameters are
// decoded; what follows '?' in the hash is in params.query.
import {h} from './dom.js';

const routes = [];
let leave = null;

/** A page is {title, render(container, params) -> cleanup function or nothing}; `title` may be a
 * function of the parameters. */
export function route(pattern, page) {
  routes.push({parts: pattern.replace(/^#\/?/, '').split('/').filter(Boolean), page, pattern});
}

/** An address for hrefs: link('queues', name). */
export function link(...parts) {
  return '#/' + parts.map(encodeURIComponent).join('/');
}

export function go(address) {
  if (location.hash === address) show();
  else location.hash = address;
}

function match(parts, given) {
  if (parts.length !== given.length) return null;
  const params = {};
  for (const [index, part] of parts.entries()) {
    if (part.startsWith(':')) params[part.slice(1)] = given[index];
    else if (part !== given[index]) return null;
  }
  return params;
}

function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function find(hash) {
  const [path, search = ''] = hash.replace(/^#\/?/, '').split('?');
  const given = path.split('/').filter(Boolean).map(decode);
  for (const {parts, page, pattern} of routes) {
    const params = match(parts, given);
    if (params) return {page, pattern, params: {...params, query: new URLSearchParams(search)}};
  }
  return null;
}

/** What stands at an address that no page has. */
const nowhere = {
  title: 'No such page',
  render(element) {
    element.append(h('h1', {}, 'No such page'), h('p', {class: 'empty'},
      'Nothing stands at ', h('code', {}, location.hash), '. ',
      h('a', {href: '#/'}, 'To the map')));
  },
};

let container = null;
let shown = () => {};

/** Shows the page of the address again. */
export function show() {
  if (leave) leave();
  leave = null;
  const found = find(location.hash) ?? {page: nowhere, pattern: '', params: {}};
  const {title} = found.page;
  const text = typeof title === 'function' ? title(found.params) : title;
  document.title = `${text} · Matinee`;
  container.replaceChildren();
  shown(found);
  leave = found.page.render(container, found.params) ?? null;
}

/** `onShow` is called with {page, pattern, params} before each page is rendered. */
export function start(element, onShow) {
  container = element;
  shown = onShow;
  addEventListener('hashchange', () => {
    show();
    container.focus({preventScroll: true});
    scrollTo(0, 0);
  });
  show();
}
