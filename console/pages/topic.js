// A topic: who gets what is published to it, by which filter, and publishing.
import {query, xmlText} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {nameOf, serviceOf} from '../core/format.js';
import {parse} from '../core/json.js';
import {link} from '../core/router.js';
import {account, region} from '../core/session.js';
import {copyAs, errorBox, field, table, toast} from '../core/widgets.js';
import {compactText, labLink} from './lab_link.js';
import {listAll} from './topics.js';

export const title = ({name}) => `Topic ${name}`;

function arnOf(name) {
  return name.startsWith('arn:') ? name : `arn:aws:sns:${region()}:${account()}:${name}`;
}

/** The entries of a map as SNS gives them. */
function entriesOf(page) {
  return Object.fromEntries([...page.getElementsByTagName('entry')].map((entry) =>
    [xmlText(entry, 'key'), xmlText(entry, 'value')]));
}

async function readSubscription(member) {
  const one = {arn: xmlText(member, 'SubscriptionArn'), protocol: xmlText(member, 'Protocol'),
    endpoint: xmlText(member, 'Endpoint'), attributes: {}};
  if (one.arn.startsWith('arn:')) {
    one.attributes = entriesOf(await query('sns', 'GetSubscriptionAttributes',
      {SubscriptionArn: one.arn}));
  }
  return one;
}

function endpointOf({protocol, endpoint}) {
  const page = {sqs: 'queues', lambda: 'functions'}[serviceOf(endpoint)];
  return [h('span', {class: 'badge'}, protocol), ' ',
    page ? h('a', {href: link(page, nameOf(endpoint))}, nameOf(endpoint)) : endpoint];
}

function filterOf({attributes}) {
  if (!attributes.FilterPolicy) return h('span', {class: 'soft'}, 'none: gets everything');
  const isBody = attributes.FilterPolicyScope === 'MessageBody';
  return [h('pre', {class: 'code', tabindex: '0', 'aria-label': 'Filter policy'},
    compactText(attributes.FilterPolicy)),
  h('small', {class: 'soft'}, `of ${isBody ? 'the body' : 'message attributes'}; `),
  h('a', {href: labLink(isBody ? 'filter-policy-body' : 'filter-policy-attributes',
    attributes.FilterPolicy)}, 'Try it in the lab')];
}

function restOf({arn, attributes}) {
  const words = [];
  if (!arn.startsWith('arn:')) words.push(arn);
  if (attributes.RawMessageDelivery === 'true') words.push('raw delivery');
  if (attributes.PendingConfirmation === 'true') words.push('not yet confirmed');
  if (attributes.RedrivePolicy)
    words.push('dead letters to ' +
      nameOf(JSON.parse(attributes.RedrivePolicy).deadLetterTargetArn));
  return words.join(', ');
}

/** {name: {DataType, StringValue}} as the flat parameters of Publish. */
function flatAttributes(attributes) {
  const flat = {};
  Object.entries(attributes).forEach(([name, value], index) => {
    const entry = `MessageAttributes.entry.${index + 1}`;
    flat[`${entry}.Name`] = name;
    flat[`${entry}.Value.DataType`] = value.DataType;
    flat[`${entry}.Value.StringValue`] = value.StringValue;
  });
  return flat;
}

function publisher(arn) {
  const body = field({label: 'Message', type: 'textarea', rows: 4, class: 'code'});
  const subject = field({label: 'Subject'});
  const attributes = field({label: 'Attributes', type: 'textarea', rows: 3, class: 'code',
    hint: '{"store": {"DataType": "String", "StringValue": "berlin"}}'});
  const group = arn.endsWith('.fifo') && field({label: 'Message group', value: 'a'});
  const read = () => ({TopicArn: arn, Message: body.input.value,
    ...(subject.input.value && {Subject: subject.input.value}),
    ...(group && {MessageGroupId: group.input.value,
      MessageDeduplicationId: crypto.randomUUID()})});
  const readAttributes = () => parse(attributes.input.value.trim() || '{}');
  const result = h('div', {role: 'status'});
  return h('form', {class: 'card', onsubmit: async (event) => {
    event.preventDefault();
    try {
      const reply = await query('sns', 'Publish', {...read(), ...flatAttributes(readAttributes())});
      const id = xmlText(reply, 'MessageId');
      toast('Published.');
      replace(result, 'Message ', h('a', {href: link('search', id)}, id));
    } catch (error) {
      replace(result, errorBox(error));
    }
  }}, h('h2', {}, 'Publish'), body, h('div', {class: 'row'}, subject, group), attributes,
  h('div', {class: 'toolbar'}, h('button', {type: 'submit', class: 'main'}, 'Publish'),
    copyAs(() => ({service: 'sns', operation: 'Publish',
      params: {...read(), MessageAttributes: readAttributes()}}))), result);
}

export function render(container, {name}) {
  const arn = arnOf(name);
  const place = h('div', {}, h('p', {class: 'empty'}, 'Asking …'));
  container.append(h('h1', {}, `Topic ${nameOf(arn)}`), h('div', {class: 'toolbar'},
    copyAs({service: 'sns', operation: 'GetTopicAttributes', params: {TopicArn: arn},
      resource: {type: 'AWS::SNS::Topic', name, properties: {TopicName: nameOf(arn)}}}),
    h('a', {class: 'push', href: link('topics')}, 'All topics')),
  h('h2', {}, 'Subscriptions'), place, publisher(arn), h('h2', {}, 'Attributes'));
  const attributes = h('div');
  container.append(attributes);
  const show = async () => {
    const members = await listAll('ListSubscriptionsByTopic', 'Subscriptions', {TopicArn: arn});
    const rows = await Promise.all(members.map(readSubscription));
    replace(place, table({label: 'Subscriptions', rows, empty: 'Nobody has subscribed.', columns: [
      {title: 'To', render: endpointOf, sort: (one) => one.endpoint},
      {title: 'Filter', render: filterOf}, {title: 'More', render: restOf}]}));
    const all = entriesOf(await query('sns', 'GetTopicAttributes', {TopicArn: arn}));
    replace(attributes, h('pre', {class: 'code', tabindex: '0', 'aria-label': 'Attributes'},
      Object.entries(all).map(([key, value]) => `${key}: ${value}`).join('\n')));
  };
  show().catch((error) => replace(place, errorBox(error)));
}
