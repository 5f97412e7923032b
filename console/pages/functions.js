// All functions.
import {rest} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {bytes, time} from '../core/format.js';
import {link} from '../core/router.js';
import {copyAs, errorBox, table} from '../core/widgets.js';

export const title = 'Functions';

async function listFunctions() {
  const all = [];
  let marker;
  do {
    const reply = await rest('lambda', 'GET', '/2015-03-31/functions',
      {query: {Marker: marker || undefined}});
    const page = await reply.json();
    all.push(...page.Functions);
    marker = page.NextMarker;
  } while (marker);
  return all;
}

export function render(container) {
  const place = h('div', {}, h('p', {class: 'empty'}, 'Asking …'));
  container.append(h('h1', {}, 'Functions'),
    h('div', {class: 'toolbar'}, copyAs({service: 'lambda', operation: 'ListFunctions'})), place);
  listFunctions().then((rows) => replace(place, table({label: 'Functions', rows,
    empty: 'There is no function yet.', columns: [
      {title: 'Name', key: 'FunctionName',
        render: ({FunctionName: name}) => h('a', {href: link('functions', name)}, name)},
      {title: 'Runtime', key: 'Runtime'}, {title: 'Handler', key: 'Handler'},
      {title: 'Memory', render: ({MemorySize}) => `${MemorySize} MB`, class: 'number',
        sort: ({MemorySize}) => MemorySize},
      {title: 'Package', class: 'number', render: ({CodeSize}) => bytes(CodeSize),
        sort: ({CodeSize}) => CodeSize},
      {title: 'Changed', key: 'LastModified', render: ({LastModified}) =>
        time(LastModified.replace('+0000', 'Z')).slice(0, 19)}]})))
    .catch((error) => replace(place, errorBox(error)));
}
