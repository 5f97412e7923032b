// All queues of the region.
import {call, insight} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {age, count, nameOf, setNow} from '../core/format.js';
import {go, link} from '../core/router.js';
import {copyAs, dialog, errorBox, field, table} from '../core/widgets.js';

export const title = 'Queues';

const COLUMNS = [
  {title: 'Name', key: 'Name', render: (queue) => h('a', {href: link('queues', queue.Name)},
    queue.Name)},
  {title: 'Kind', render: (queue) => (queue.Fifo ? 'FIFO' : 'standard')},
  {title: 'Visible', key: 'Visible', class: 'number', render: (queue) => count(queue.Visible)},
  {title: 'In flight', key: 'InFlight', class: 'number', render: (queue) => count(queue.InFlight)},
  {title: 'Delayed', key: 'Delayed', class: 'number', render: (queue) => count(queue.Delayed)},
  {title: 'Oldest', class: 'number', sort: (queue) => queue.OldestSent ?? '~',
    render: (queue) => (queue.OldestSent ? age(queue.OldestSent) : '—')},
  {title: 'Dead letters', render: (queue) => (queue.DeadLetterTarget
    ? h('span', {}, h('a', {href: link('queues', nameOf(queue.DeadLetterTarget))},
      nameOf(queue.DeadLetterTarget)), ` after ${queue.MaxReceives}`) : '—')},
];

function create() {
  const name = field({label: 'Name', hint: 'A name that ends with .fifo makes a FIFO queue.'});
  const attributes = () => (name.input.value.endsWith('.fifo') ? {FifoQueue: 'true'} : {});
  const request = () => ({service: 'sqs', operation: 'CreateQueue',
    params: {QueueName: name.input.value, Attributes: attributes()},
    resource: {type: 'AWS::SQS::Queue', name: name.input.value,
      properties: {QueueName: name.input.value, ...attributes()}}});
  dialog({title: 'Create a queue', body: [name, copyAs(request)], actions: [{text: 'Create',
    kind: 'main', run: async () => {
      await call('sqs', 'CreateQueue', request().params);
      go(link('queues', name.input.value));
    }}]});
  name.input.focus();
}

export function render(container) {
  const faults = h('div');
  const list = table({label: 'Queues', columns: COLUMNS,
    empty: 'There is no queue in this region.'});
  container.append(h('div', {class: 'toolbar'}, h('h1', {}, 'Queues'),
    h('button', {type: 'button', class: 'main push', onclick: create}, 'Create a queue')),
  faults, list);
  const read = async () => {
    try {
      const {Queues = [], Now} = await insight('GET', '/_matinee/queues');
      setNow(Now);
      list.setRows(Queues);
      replace(faults);
    } catch (error) {
      replace(faults, errorBox(error));
    }
  };
  read();
  const timer = setInterval(() => !document.hidden && read(), 2000);
  return () => clearInterval(timer);
}
