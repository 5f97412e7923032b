// All stacks.
import {query, xmlList, xmlText} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {time} from '../core/format.js';
import {link} from '../core/router.js';
import {copyAs, errorBox, table} from '../core/widgets.js';

export const title = 'Stacks';

/** All members of a list that CloudFormation gives in pages. */
export async function listAll(action, list, params = {}) {
  const all = [];
  let token = '';
  do {
    const page = await query('cloudformation', action,
      {...params, ...(token && {NextToken: token})});
    all.push(...xmlList(page, list));
    token = xmlText(page, 'NextToken');
  } while (token);
  return all;
}

/** With a sign, so that colour is not the only one. */
export function statusBadge(status) {
  const isBad = /FAILED|ROLLBACK/.test(status);
  const isGoing = status.endsWith('IN_PROGRESS');
  const [kind, sign] = isBad ? ['bad', '✕'] : isGoing ? ['warn', '…'] : ['good', '✓'];
  return h('span', {class: `badge ${kind}`}, `${sign} ${status}`);
}

export function render(container) {
  const place = h('div', {}, h('p', {class: 'empty'}, 'Asking …'));
  container.append(h('h1', {}, 'Stacks'), h('div', {class: 'toolbar'},
    copyAs({service: 'cloudformation', operation: 'DescribeStacks'})), place);
  listAll('DescribeStacks', 'Stacks').then((members) => {
    const rows = members.map((one) => ({name: xmlText(one, 'StackName'),
      status: xmlText(one, 'StackStatus'), made: xmlText(one, 'CreationTime'),
      changed: xmlText(one, 'LastUpdatedTime'), text: xmlText(one, 'Description')}));
    replace(place, table({label: 'Stacks', rows,
      empty: 'There is no stack yet. matinee deploy makes one of a template.', columns: [
        {title: 'Name', key: 'name',
          render: ({name}) => h('a', {href: link('stacks', name)}, name)},
        {title: 'Status', key: 'status', render: ({status}) => statusBadge(status)},
        {title: 'Made', key: 'made', render: ({made}) => time(made).slice(0, 19)},
        {title: 'Changed', key: 'changed', render: ({changed}) => time(changed).slice(0, 19)},
        {title: 'Description', key: 'text'}]}));
  }).catch((error) => replace(place, errorBox(error)));
}
