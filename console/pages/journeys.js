// What happened last, a line each: the way to the journey of a message.
import {insight} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {clock} from '../core/format.js';
import {kindBadge, resourceLink} from '../core/hops.js';
import {readAfterHops} from '../core/live.js';
import {go, link} from '../core/router.js';
import {errorBox, field, table} from '../core/widgets.js';

export const title = 'Journeys';

const MOST = 300;

const COLUMNS = [
  {title: 'Time', key: 'Time', class: 'mono', render: (hop) => clock(hop.Time)},
  {title: 'What', key: 'Kind', render: (hop) => kindBadge(hop.Kind)},
  {title: 'Where', key: 'Resource', render: (hop) => resourceLink(hop.Resource)},
  {title: 'Other end', key: 'Peer', render: (hop) => resourceLink(hop.Peer)},
  {title: 'Messages', render: (hop) => (hop.Messages ?? []).slice(0, 3).map(({Id}) => h('a',
    {href: link('journey', Id), class: 'mono', title: Id}, `${Id.slice(0, 12)} `))
    .concat(hop.Messages?.length > 3 ? `and ${hop.Messages.length - 3} more` : [])},
  {title: 'Why', render: (hop) => hop.Reason},
];

export function render(container) {
  const faults = h('div');
  let hops = [];
  const list = table({label: 'What happened last', columns: COLUMNS,
    empty: 'Nothing has happened to a message yet.'});
  const filter = field({label: 'Show what contains', type: 'search', oninput: () => show()});
  const trouble = field({label: 'Only trouble', type: 'checkbox', onchange: () => show()});
  const id = field({label: 'Id of a message, event or trace'});
  const follow = field({label: 'Follow', type: 'checkbox', value: true});
  function show() {
    const part = filter.input.value.toLowerCase();
    const isTold = (hop) => (!part || JSON.stringify(hop).toLowerCase().includes(part)) &&
      (!trouble.input.checked || Boolean(hop.Reason) &&
        !['received', 'hidden', 'returned', 'deleted'].includes(hop.Kind));
    list.setRows([...hops].reverse().filter(isTold));
  }
  container.append(h('h1', {}, 'Journeys'), h('form', {class: 'toolbar', onsubmit: (event) => {
    event.preventDefault();
    if (id.input.value.trim()) go(link('journey', id.input.value.trim()));
  }}, id, h('button', {type: 'submit', class: 'main'}, 'Show'), filter, trouble, follow),
  faults, list);
  const read = async () => {
    try {
      const reply = await insight('GET', '/_matinee/trace', {query: {'max-items': MOST}});
      hops = reply.Hops ?? [];
      show();
    } catch (error) {
      replace(faults, errorBox(error));
    }
  };
  read();
  return readAfterHops(read, 700, () => follow.input.checked);
}
