// All topics.
import {query, xmlList, xmlText} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {nameOf} from '../core/format.js';
import {go, link} from '../core/router.js';
import {copyAs, dialog, errorBox, field, table} from '../core/widgets.js';

export const title = 'Topics';

/** All members of a list that SNS gives in pages. */
export async function listAll(action, list, params = {}) {
  const all = [];
  let token = '';
  do {
    const page = await query('sns', action, {...params, ...(token && {NextToken: token})});
    all.push(...xmlList(page, list));
    token = xmlText(page, 'NextToken');
  } while (token);
  return all;
}

function createTopic() {
  const name = field({label: 'Name', hint: 'A FIFO topic’s name ends with .fifo'});
  const run = async () => {
    const topic = name.input.value.trim();
    await query('sns', 'CreateTopic', {Name: topic, ...(topic.endsWith('.fifo') &&
      {'Attributes.entry.1.key': 'FifoTopic', 'Attributes.entry.1.value': 'true'})});
    go(link('topics', topic));
  };
  dialog({title: 'New topic', body: name, actions: [{text: 'Create', kind: 'main', run}]});
}

export function render(container) {
  const place = h('div', {}, h('p', {class: 'empty'}, 'Asking …'));
  container.append(h('h1', {}, 'Topics'), h('div', {class: 'toolbar'},
    h('button', {type: 'button', class: 'main', onclick: createTopic}, 'New topic'),
    copyAs({service: 'sns', operation: 'ListTopics'})), place);
  listAll('ListTopics', 'Topics').then((members) => {
    const rows = members.map((one) => ({arn: xmlText(one, 'TopicArn')}));
    replace(place, table({label: 'Topics', rows, empty: 'There is no topic yet.', columns: [
      {title: 'Name', sort: ({arn}) => arn,
        render: ({arn}) => h('a', {href: link('topics', nameOf(arn))}, nameOf(arn))},
      {title: 'ARN', key: 'arn', class: 'cut'}]}));
  }).catch((error) => replace(place, errorBox(error)));
}
