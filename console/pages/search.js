// What an id, a name or an ARN is: a message, event or trace of the journal, or resources.
import {insight} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {count} from '../core/format.js';
import {pageOf} from '../core/hops.js';
import {go, link} from '../core/router.js';
import {readTopology} from '../core/topology.js';
import {errorBox, table} from '../core/widgets.js';

export const title = (params) => `Search: ${params.id}`;

async function findHops(id) {
  const {Hops = []} = await insight('GET', '/_matinee/trace', {query: {id, 'max-items': 100}});
  return Hops;
}

export function render(container, {id}) {
  const place = h('div', {}, h('p', {class: 'empty', role: 'status'}, 'Searching…'));
  container.append(h('h1', {}, 'Search: ', h('code', {}, id)), place);
  let isHere = true;
  const find = async () => {
    const part = id.toLowerCase();
    const [hops, topology] = await Promise.all([findHops(id), readTopology()]);
    if (!isHere) return;
    const found = topology.nodes.filter((node) => node.id.toLowerCase().includes(part));
    const exact = found.find((node) => node.id === id && node.href);
    const isJourney = hops.length > 0 && !id.startsWith('arn:');
    if (isJourney && found.length === 0) return go(link('journey', id));
    if (exact && pageOf(id)) return go(pageOf(id));
    replace(place, topology.faults.map(errorBox),
      isJourney && h('p', {class: 'card'}, h('a', {href: link('journey', id)},
        `A journey of ${count(hops.length)} hops`)),
      table({label: 'Resources', rows: found, empty: isJourney ? 'No resource is called so.'
        : 'Nothing has this id or name in this region.', columns: [
        {title: 'Kind', key: 'kind'},
        {title: 'Name', key: 'name', render: (node) => (node.href
          ? h('a', {href: node.href}, node.name) : node.name)},
        {title: 'ARN', key: 'id', class: 'mono'}]}));
  };
  find().catch((error) => replace(place, errorBox(error)));
  return () => {
    isHere = false;
  };
}
