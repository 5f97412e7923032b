// A stack: its resources as a graph and a list, events, change sets, outputs, template.
import {query, xmlList, xmlText} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {nameOf, time} from '../core/format.js';
import {link} from '../core/router.js';
import {copyAs, errorBox, table, tabs} from '../core/widgets.js';
import {renderChanges, renderTemplate} from './stack_changes.js';
import {edgesOf, graph} from './stack_graph.js';
import {listAll, statusBadge} from './stacks.js';

const READ_EVERY = 2000;  // milliseconds
const MOST_EVENTS = 500;

export const title = ({name}) => `Stack ${name}`;

const last = (id, sign) => id.split(sign).pop();
/** The page of a resource, by its physical id. */
const PAGES = {
  'AWS::SQS::Queue': (id) => link('queues', last(id, '/')),
  'AWS::SNS::Topic': (id) => link('topics', nameOf(id)),
  'AWS::S3::Bucket': (id) => link('buckets', id),
  'AWS::DynamoDB::Table': (id) => link('tables', id),
  'AWS::Lambda::Function': (id) => link('functions', id),
  'AWS::Events::Rule': (id) => (id.includes('|') ? link('rules', ...id.split('|'))
    : link('rules', 'default', last(id, '/'))),
  'AWS::CloudFormation::Stack': (id) => link('stacks', id.split('/')[1] ?? id),
};

function hrefOf({type, physical}) {
  return physical && PAGES[type] ? PAGES[type](physical) : null;
}

async function readTemplate(name) {
  const page = await query('cloudformation', 'GetTemplate', {StackName: name});
  return xmlText(page, 'TemplateBody');
}

async function readResources(name) {
  const members = await listAll('ListStackResources', 'StackResourceSummaries', {StackName: name});
  return members.map((one) => ({name: xmlText(one, 'LogicalResourceId'),
    physical: xmlText(one, 'PhysicalResourceId'), type: xmlText(one, 'ResourceType'),
    status: xmlText(one, 'ResourceStatus'), reason: xmlText(one, 'ResourceStatusReason')}));
}

function renderResources(container, name) {
  const place = h('div', {}, h('p', {class: 'empty'}, 'Asking …'));
  container.append(place);
  const show = async () => {
    const [resources, template] = await Promise.all([readResources(name), readTemplate(name)]);
    const edges = edgesOf(template, resources.map((one) => one.name));
    const nodes = resources.map((one) => ({...one, href: hrefOf(one),
      sign: statusBadge(one.status).textContent.slice(0, 1)}));
    replace(place, resources.length > 0 && [graph(nodes, edges),
      h('p', {class: 'soft'}, 'An arrow goes from a resource to those that refer to it.')],
    table({label: 'Resources', rows: resources, empty: 'The stack has no resource.', columns: [
      {title: 'Name', key: 'name'}, {title: 'Type', key: 'type'},
      {title: 'Physical id', class: 'cut', render: (one) => (hrefOf(one)
        ? h('a', {href: hrefOf(one)}, one.physical) : one.physical)},
      {title: 'Status', key: 'status', render: ({status}) => statusBadge(status)},
      {title: 'Why', key: 'reason'}]}));
  };
  show().catch((error) => replace(place, errorBox(error)));
}

function renderEvents(container, name, onStatus) {
  const trouble = h('div');
  const list = table({label: 'Events', empty: 'No event.', columns: [
    {title: 'Time', render: (one) => time(one.time)}, {title: 'Resource', key: 'name'},
    {title: 'Type', key: 'type'},
    {title: 'Status', render: ({status}) => statusBadge(status)}, {title: 'Why', key: 'reason'}]});
  container.append(trouble, list);
  let known = '';
  let isLeft = false;
  let timer = null;
  const read = async () => {
    try {
      const page = await query('cloudformation', 'DescribeStackEvents', {StackName: name});
      const rows = xmlList(page, 'StackEvents').slice(0, MOST_EVENTS).map((one) => (
        {id: xmlText(one, 'EventId'), time: xmlText(one, 'Timestamp'),
          name: xmlText(one, 'LogicalResourceId'), type: xmlText(one, 'ResourceType'),
          status: xmlText(one, 'ResourceStatus'), reason: xmlText(one, 'ResourceStatusReason')}));
      replace(trouble);
      if (rows[0]?.id !== known) {
        known = rows[0]?.id;
        list.setRows(rows);
        const own = rows.find((one) => one.type === 'AWS::CloudFormation::Stack' &&
          one.name === name);
        if (own) onStatus(own.status);
      }
    } catch (error) {
      replace(trouble, errorBox(error));
    }
    if (!isLeft) timer = setTimeout(read, READ_EVERY);
  };
  read();
  return () => {
    isLeft = true;
    clearTimeout(timer);
  };
}

function renderOutputs(container, stack) {
  const pairs = (list, key, value) => xmlList(stack, list).map((one) => ({key: xmlText(one, key),
    value: xmlText(one, value), text: xmlText(one, 'Description'),
    exported: xmlText(one, 'ExportName')}));
  container.append(h('h2', {}, 'Outputs'), table({label: 'Outputs',
    rows: pairs('Outputs', 'OutputKey', 'OutputValue'), empty: 'No output.', columns: [
      {title: 'Name', key: 'key'}, {title: 'Value', key: 'value'},
      {title: 'Exported as', key: 'exported'}, {title: 'Description', key: 'text'}]}),
  h('h2', {}, 'Parameters'), table({label: 'Parameters', empty: 'No parameter.',
    rows: pairs('Parameters', 'ParameterKey', 'ParameterValue'), columns: [
      {title: 'Name', key: 'key'}, {title: 'Value', key: 'value'}]}));
}

function tabsOf(name, stack, template, onStatus) {
  const parameters = xmlList(stack, 'Parameters').map((one) => xmlText(one, 'ParameterKey'));
  return [
    {name: 'resources', title: 'Resources', render: (panel) => renderResources(panel, name)},
    {name: 'events', title: 'Events', render: (panel) => renderEvents(panel, name, onStatus)},
    {name: 'changes', title: 'Change sets', render: (panel) => renderChanges(panel, name)},
    {name: 'outputs', title: 'Outputs', render: (panel) => renderOutputs(panel, stack)},
    {name: 'template', title: 'Template', render: (panel) => renderTemplate(panel, {stack: name,
      template, parameters, onMade: () => panel.closest('.tabbed').select('changes')})},
  ];
}

export function render(container, {name, query: search}) {
  const place = h('div', {}, h('p', {class: 'empty'}, 'Asking …'));
  container.append(h('h1', {}, `Stack ${name}`), place);
  let leave = () => {};
  const show = async () => {
    const page = await query('cloudformation', 'DescribeStacks', {StackName: name});
    const [stack] = xmlList(page, 'Stacks');
    const template = await readTemplate(name);
    const status = h('span', {}, statusBadge(xmlText(stack, 'StackStatus')));
    const tabbed = tabs({label: 'Parts of the stack', selected: search.get('tab') ?? 'resources',
      tabs: tabsOf(name, stack, template, (next) => replace(status, statusBadge(next)))});
    leave = () => tabbed.leave();
    replace(place, h('div', {class: 'toolbar'}, status,
      xmlText(stack, 'StackStatusReason'), copyAs({service: 'cloudformation',
        operation: 'DescribeStacks', params: {StackName: name}}),
      h('a', {class: 'push', href: link('stacks')}, 'All stacks')), tabbed);
  };
  show().catch((error) => replace(place, errorBox(error)));
  return () => leave();
}
