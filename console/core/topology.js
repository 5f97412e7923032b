// What there is and what leads to what, read from the services' own lists: the nodes and edges of
// the map, and what a search looks through.
import {call, insight, query, rest, xmlList, xmlText} from './api.js';
import {nameOf, setNow} from './format.js';
import {link} from './router.js';
import {account, region} from './session.js';
import {encode} from './sign.js';

const MOST_PAGES = 20;
const MOST_BUCKETS = 100;
const MOST_SUBSCRIPTIONS = 100;  // whose dead letters are asked for

/** All pages of a list: `read(token)` gives {items, next}. */
async function all(read) {
  const items = [];
  let token;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const found = await read(token);
    items.push(...found.items);
    if (!found.next) break;
    token = found.next;
  }
  return items;
}

async function queues() {
  const {Queues = [], Now} = await insight('GET', '/_matinee/queues');
  setNow(Now);
  return {
    nodes: Queues.map((queue) => ({id: queue.Arn, kind: 'queue', name: queue.Name, queue,
      href: link('queues', queue.Name)})),
    edges: Queues.filter((queue) => queue.DeadLetterTarget).map((queue) => ({from: queue.Arn,
      to: queue.DeadLetterTarget, label: `dead letters after ${queue.MaxReceives} receives`,
      isDeadLetter: true})),
  };
}

/** The edge to where what a subscriber does not take goes, in a list; [] without one. */
async function deadLettersOf(subscription) {
  const arn = xmlText(subscription, 'SubscriptionArn');
  if (!arn.startsWith('arn:')) return [];  // it waits for its confirmation
  const reply = await query('sns', 'GetSubscriptionAttributes', {SubscriptionArn: arn})
    .catch((error) => {
      if (error.code === 'NotFound') return null;  // it has gone meanwhile
      throw error;
    });
  const policy = reply && xmlList(reply, 'Attributes', 'entry')
    .find((entry) => xmlText(entry, 'key') === 'RedrivePolicy');
  if (!policy) return [];
  return [{from: xmlText(subscription, 'TopicArn'), isDeadLetter: true,
    label: `dead letters of the subscription of ${nameOf(xmlText(subscription, 'Endpoint'))}`,
    to: JSON.parse(xmlText(policy, 'value')).deadLetterTargetArn}];
}

async function topics() {
  const list = async (action, name, token) => {
    const reply = await query('sns', action, {NextToken: token});
    return {items: xmlList(reply, name), next: xmlText(reply, 'NextToken')};
  };
  const arns = (await all((token) => list('ListTopics', 'Topics', token)))
    .map((topic) => xmlText(topic, 'TopicArn'));
  const subscriptions = await all((token) => list('ListSubscriptions', 'Subscriptions', token));
  const edges = subscriptions.map((one) => ({from: xmlText(one, 'TopicArn'),
    to: xmlText(one, 'Endpoint'), label: `subscription, ${xmlText(one, 'Protocol')}`}));
  const dead = await Promise.all(subscriptions.slice(0, MOST_SUBSCRIPTIONS).map(deadLettersOf));
  return {edges: [...edges, ...dead.flat()], nodes: arns.map((arn) => ({id: arn, kind: 'topic',
    name: nameOf(arn), href: link('topics', nameOf(arn))}))};
}

async function rulesOf(bus) {
  const rules = await all(async (token) => {
    const reply = await call('events', 'ListRules', {EventBusName: bus.Name, NextToken: token});
    return {items: reply.Rules ?? [], next: reply.NextToken};
  });
  const targets = await Promise.all(rules.map((rule) => call('events', 'ListTargetsByRule',
    {Rule: rule.Name, EventBusName: bus.Name})));
  const edges = rules.flatMap((rule, index) => [
    ...(rule.EventPattern ? [{from: bus.Arn, to: rule.Arn, label: 'pattern'}] : []),
    ...(targets[index].Targets ?? []).map((target) => ({from: rule.Arn, to: target.Arn,
      label: `target ${target.Id}`})),
    ...(targets[index].Targets ?? []).filter((target) => target.DeadLetterConfig?.Arn)
      .map((target) => ({from: rule.Arn, to: target.DeadLetterConfig.Arn, isDeadLetter: true,
        label: `dead letters of target ${target.Id}`}))]);
  return {edges, nodes: rules.map((rule) => ({id: rule.Arn, kind: 'rule', name: rule.Name,
    isOff: rule.State === 'DISABLED', href: link('rules', bus.Name, rule.Name)}))};
}

async function rules() {
  const {EventBuses = []} = await call('events', 'ListEventBuses');
  const found = await Promise.all(EventBuses.map(rulesOf));
  const used = EventBuses.filter((bus, index) => bus.Name !== 'default' ||
    found[index].nodes.length > 0);
  return {
    nodes: [...used.map((bus) => ({id: bus.Arn, kind: 'bus', name: bus.Name,
      href: link('rules')})), ...found.flatMap((one) => one.nodes)],
    edges: found.flatMap((one) => one.edges),
  };
}

async function schedules() {
  const found = await all(async (token) => {
    const reply = await call('scheduler', 'ListSchedules', {NextToken: token});
    return {items: reply.Schedules ?? [], next: reply.NextToken};
  });
  return {
    nodes: found.map((one) => ({id: one.Arn, kind: 'schedule', name: one.Name,
      isOff: one.State === 'DISABLED', href: link('search', one.Arn)})),
    edges: found.map((one) => ({from: one.Arn, to: one.Target.Arn, label: 'target'})),
  };
}

async function functions() {
  const list = async (path, name, marker) => {
    const reply = await (await rest('lambda', 'GET', path, {query: {Marker: marker}})).json();
    return {items: reply[name] ?? [], next: reply.NextMarker};
  };
  const [found, mappings] = await Promise.all([
    all((marker) => list('/2015-03-31/functions', 'Functions', marker)),
    all((marker) => list('/2015-03-31/event-source-mappings', 'EventSourceMappings', marker))]);
  return {
    nodes: found.map((one) => ({id: one.FunctionArn, kind: 'function', name: one.FunctionName,
      href: link('functions', one.FunctionName)})),
    edges: [...mappings.filter((one) => one.EventSourceArn).map((one) => ({
      from: one.EventSourceArn.replace(/\/stream\/.*/, ''), to: one.FunctionArn,
      label: `event source, ${one.State}`})),
    ...mappings.filter((one) => one.DestinationConfig?.OnFailure?.Destination).map((one) => ({
      from: one.FunctionArn, to: one.DestinationConfig.OnFailure.Destination, isDeadLetter: true,
      label: 'batches that were given up'})),
    ...found.filter((one) => one.DeadLetterConfig?.TargetArn).map((one) => ({
      from: one.FunctionArn, to: one.DeadLetterConfig.TargetArn, isDeadLetter: true,
      label: 'events that were given up'}))],
  };
}

const TARGETS = {QueueConfiguration: 'Queue', TopicConfiguration: 'Topic',
  CloudFunctionConfiguration: 'CloudFunction'};

async function notificationsOf(bucket) {
  const reply = await rest('s3', 'GET', `/${encode(bucket)}`, {query: {notification: ''}});
  const xml = new DOMParser().parseFromString(await reply.text(), 'application/xml');
  const edges = Object.entries(TARGETS).flatMap(([name, target]) =>
    [...xml.getElementsByTagName(name)].map((one) => ({from: `arn:aws:s3:::${bucket}`,
      to: xmlText(one, target), label: xmlText(one, 'Event') || 'notification'})));
  if (xml.getElementsByTagName('EventBridgeConfiguration').length > 0) {
    edges.push({from: `arn:aws:s3:::${bucket}`, label: 'all events',
      to: `arn:aws:events:${region()}:${account()}:event-bus/default`});
  }
  return edges;
}

async function buckets() {
  const reply = await rest('s3', 'GET', '/');
  const xml = new DOMParser().parseFromString(await reply.text(), 'application/xml');
  const names = [...xml.getElementsByTagName('Bucket')].map((one) => xmlText(one, 'Name'));
  const edges = await Promise.all(names.slice(0, MOST_BUCKETS).map(notificationsOf));
  return {edges: edges.flat(), nodes: names.map((name) => ({id: `arn:aws:s3:::${name}`,
    kind: 'bucket', name, href: link('buckets', name)}))};
}

async function tables() {
  const names = await all(async (token) => {
    const reply = await call('dynamodb', 'ListTables', {ExclusiveStartTableName: token});
    return {items: reply.TableNames ?? [], next: reply.LastEvaluatedTableName};
  });
  return {edges: [], nodes: names.map((name) => ({kind: 'table', name, href: link('tables', name),
    id: `arn:aws:dynamodb:${region()}:${account()}:table/${name}`}))};
}

/** {nodes: [{id (ARN), kind, name, href, isOff, queue}], edges: [{from, to, label}], faults}: of
 * all services; those that fail are in `faults`. Ends of edges that are no node here get one. */
export async function readTopology() {
  const parts = await Promise.allSettled([queues(), topics(), rules(), schedules(), functions(),
    buckets(), tables()]);
  const found = parts.filter((part) => part.status === 'fulfilled').map((part) => part.value);
  const nodes = new Map(found.flatMap((part) => part.nodes).map((node) => [node.id, node]));
  const ends = (arn) => (arn.includes(':function:') ? arn.split(':').slice(0, 7).join(':') : arn);
  const edges = found.flatMap((part) => part.edges)
    .map((edge) => ({...edge, from: ends(edge.from), to: ends(edge.to)}));
  for (const {from, to} of edges) {
    for (const id of [from, to]) {
      if (!nodes.has(id)) nodes.set(id, {id, kind: 'elsewhere', name: nameOf(id), href: ''});
    }
  }
  return {nodes: [...nodes.values()], edges,
    faults: parts.filter((part) => part.status === 'rejected').map((part) => part.reason)};
}
