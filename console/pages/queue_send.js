// Sending a message to a queue.
import {call} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {Digits, parse} from '../core/json.js';
import {link} from '../core/router.js';
import {account} from '../core/session.js';
import {copyAs, errorBox, field, jsonEditor, toast} from '../core/widgets.js';

function attributesOf(text) {
  if (!text.trim()) return undefined;
  const isNumber = (value) => typeof value === 'number' || value instanceof Digits;
  return Object.fromEntries(Object.entries(parse(text)).map(([name, value]) => [name,
    isNumber(value) ? {DataType: 'Number', StringValue: String(value)}
      : {DataType: 'String', StringValue: String(value)}]));
}

export function renderSend(page, panel) {
  const isFifo = page.name.endsWith('.fifo');
  const faults = h('div');
  const sent = h('p', {role: 'status'});
  const body = field({label: 'Body', type: 'textarea', rows: 8, class: 'code'});
  const attributes = jsonEditor({label: 'Attributes', value: '{}', rows: 3,
    hint: 'Names and values in JSON, for example {"colour": "red", "size": 3}'});
  const delay = field({label: 'Delay in seconds', type: 'number', min: 0, max: 900});
  const group = field({label: 'Message group'});
  const once = field({label: 'Deduplication id'});
  const params = () => ({QueueUrl: `${location.origin}/${account()}/${page.name}`,
    MessageBody: body.input.value,
    ...(attributes.text().trim() !== '{}' && {MessageAttributes: attributesOf(attributes.text())}),
    ...(delay.input.value && {DelaySeconds: Number(delay.input.value)}),
    ...(group.input.value && {MessageGroupId: group.input.value}),
    ...(once.input.value && {MessageDeduplicationId: once.input.value})});
  const send = async (event) => {
    event.preventDefault();
    replace(faults);
    try {
      const {MessageId} = await call('sqs', 'SendMessage', {...params(),
        QueueUrl: await page.url()});
      toast('Sent.');
      replace(sent, 'Sent as ', h('a', {href: link('journey', MessageId)}, MessageId), '.');
    } catch (error) {
      replace(faults, errorBox(error));
    }
  };
  panel.append(h('form', {class: 'card', onsubmit: send}, body, h('div', {class: 'row'},
    isFifo ? once : delay, group), attributes, faults,
  h('div', {class: 'toolbar'}, h('button', {type: 'submit', class: 'main'}, 'Send'),
    copyAs(() => ({service: 'sqs', operation: 'SendMessage', params: params()})), sent)));
  body.input.focus({preventScroll: true});
}
