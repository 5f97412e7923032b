// The attributes of a queue.
import {call} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {go} from '../core/router.js';
import {confirm, copyAs, errorBox, field, table, toast} from '../core/widgets.js';

const CHANGEABLE = {VisibilityTimeout: 'seconds', MessageRetentionPeriod: 'seconds',
  DelaySeconds: 'seconds', ReceiveMessageWaitTimeSeconds: 'seconds', MaximumMessageSize: 'bytes',
  RedrivePolicy: 'JSON', Policy: 'JSON'};

async function readAttributes(page) {
  const {Attributes} = await call('sqs', 'GetQueueAttributes', {QueueUrl: await page.url(),
    AttributeNames: ['All']});
  return Attributes;
}

async function remove(page) {
  const isSure = await confirm({title: 'Delete the queue', action: 'Delete',
    text: `${page.name} and all its messages will be deleted.`});
  if (!isSure) return;
  await call('sqs', 'DeleteQueue', {QueueUrl: await page.url()});
  toast(`${page.name} is deleted.`);
  go('#/queues');
}

export function renderSettings(page, panel) {
  const faults = h('div');
  const show = (error) => replace(faults, errorBox(error));
  const place = h('div');
  const read = async () => {
    const attributes = await readAttributes(page);
    const fields = Object.entries(CHANGEABLE).map(([name, unit]) => ({name,
      element: field({label: name, hint: unit, value: attributes[name] ?? '',
        type: unit === 'JSON' ? 'textarea' : 'text', rows: 3, class: 'code'})}));
    const changed = () => Object.fromEntries(fields
      .filter(({name, element}) => element.input.value !== (attributes[name] ?? ''))
      .map(({name, element}) => [name, element.input.value]));
    const save = async (event) => {
      event.preventDefault();
      replace(faults);
      try {
        await call('sqs', 'SetQueueAttributes', {QueueUrl: await page.url(),
          Attributes: changed()});
        toast('Saved.');
        await read();
      } catch (error) {
        show(error);
      }
    };
    const others = Object.entries(attributes).filter(([name]) => !CHANGEABLE[name]);
    replace(place, h('div', {class: 'grid2'},
      h('form', {class: 'card', onsubmit: save}, h('h2', {}, 'What can be changed'),
        fields.map(({element}) => element), h('div', {class: 'toolbar'},
          h('button', {type: 'submit', class: 'main'}, 'Save'),
          copyAs(() => ({service: 'sqs', operation: 'SetQueueAttributes',
            params: {QueueUrl: page.knownUrl, Attributes: changed()},
            resource: {type: 'AWS::SQS::Queue', name: page.name,
              properties: {QueueName: page.name, ...changed()}}})))),
      h('div', {}, table({label: 'Attributes', rows: others, columns: [
        {title: 'Attribute', render: ([name]) => name},
        {title: 'Value', render: ([, value]) => value}]}),
      h('p', {}, h('button', {type: 'button', class: 'danger',
        onclick: () => remove(page).catch(show)}, 'Delete the queue')))));
  };
  panel.append(faults, place);
  read().catch(show);
}
