// A function: calling it, its calls with their logs, its code and its configuration.
import {call, rest} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {bytes, nameOf, serviceOf, time} from '../core/format.js';
import {link} from '../core/router.js';
import {encode} from '../core/sign.js';
import {copyAs, errorBox, table, tabs} from '../core/widgets.js';
import {renderCalls} from './function_calls.js';
import {labLink} from './lab_link.js';
import {readZip} from './zip.js';

const FILE_MOST = 262144;  // bytes of a file that is shown

export const title = ({name}) => `Function ${name}`;

function codeOf(data) {
  try {
    return new TextDecoder('utf-8', {fatal: true}).decode(data.subarray(0, FILE_MOST),
      {stream: true});
  } catch {
    return null;
  }
}

function renderCode(container, {Code}) {
  const place = h('div', {}, h('p', {class: 'empty'}, 'Reading …'));
  container.append(place);
  const show = async () => {
    const {pathname, search} = new URL(Code.Location);
    const reply = await fetch(pathname + search);
    if (!reply.ok) throw new Error(`The package cannot be read: ${reply.status}`);
    const files = readZip(await reply.arrayBuffer());
    const content = h('div', {class: 'grow'});
    const open = async (file, button) => {
      for (const other of list.querySelectorAll('button')) other.removeAttribute('aria-current');
      button.setAttribute('aria-current', 'true');
      try {
        const data = await file.read();
        const text = codeOf(data);
        replace(content, h('h2', {}, file.name), text === null
          ? h('p', {class: 'empty'}, `${bytes(file.size)} that are no text.`)
          : h('pre', {class: 'code tall', tabindex: '0', 'aria-label': file.name}, text));
      } catch (error) {
        replace(content, errorBox(error));
      }
    };
    const list = h('ul', {class: 'files', 'aria-label': 'Files'}, files.map((file) => h('li', {},
      h('button', {type: 'button', class: 'plain', onclick: (event) =>
        open(file, event.currentTarget)}, file.name), ' ',
      h('small', {class: 'soft'}, bytes(file.size)))));
    replace(place, h('div', {class: 'beside'}, list, content));
    list.querySelector('button')?.click();
  };
  show().catch((error) => replace(place, errorBox(error)));
}

function renderConfiguration(container, {Configuration}) {
  const variables = Object.entries(Configuration.Environment?.Variables ?? {})
    .map(([name, value]) => ({name, value}));
  container.append(h('h2', {}, 'Environment'), table({label: 'Environment', rows: variables,
    empty: 'No variables.',
    columns: [{title: 'Name', key: 'name'}, {title: 'Value', key: 'value'}]}),
  h('h2', {}, 'Configuration'), h('pre', {class: 'code', tabindex: '0',
    'aria-label': 'Configuration'}, JSON.stringify(Configuration, null, 2)));
}

function sourceOf({EventSourceArn: arn}) {
  const name = nameOf(arn).split('/')[0];
  const page = {sqs: 'queues', dynamodb: 'tables'}[serviceOf(arn)];
  return page ? h('a', {href: link(page, name)}, name) : arn;
}

function renderSources(container, {Configuration}) {
  const place = h('div', {}, h('p', {class: 'empty'}, 'Asking …'));
  container.append(place);
  rest('lambda', 'GET', '/2015-03-31/event-source-mappings',
    {query: {FunctionName: Configuration.FunctionName}}).then((reply) => reply.json())
    .then(({EventSourceMappings: rows}) => replace(place, table({label: 'Event sources', rows,
      empty: 'It reads no queue and no stream.', columns: [
        {title: 'Source', render: sourceOf}, {title: 'State', key: 'State'},
        {title: 'Batch', key: 'BatchSize', class: 'number'},
        {title: 'Filters', render: ({FilterCriteria}) => (FilterCriteria?.Filters ?? []).map(
          ({Pattern}) => h('div', {}, h('code', {}, Pattern), ' ',
            h('a', {href: labLink('event-source', Pattern)}, 'Try it in the lab')))},
        {title: 'Last result', key: 'LastProcessingResult'}]})))
    .catch((error) => replace(place, errorBox(error)));
}

function factsOf({Configuration: settings}) {
  const facts = [['Runtime', settings.Runtime], ['Handler', settings.Handler],
    ['Memory', `${settings.MemorySize} MB`], ['Time-out', `${settings.Timeout} s`],
    ['Package', bytes(settings.CodeSize)], ['State', settings.State],
    ['Changed', time(settings.LastModified.replace('+0000', 'Z')).slice(0, 19)]];
  return h('dl', {class: 'facts'}, facts.filter(([, value]) => value).map(([name, value]) =>
    h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}

export function render(container, {name, query}) {
  const place = h('div', {}, h('p', {class: 'empty'}, 'Asking …'));
  container.append(h('h1', {}, `Function ${name}`), place);
  let leave = () => {};
  const show = async () => {
    const found = await (await rest('lambda', 'GET',
      `/2015-03-31/functions/${encode(name)}`)).json();
    const group = found.Configuration.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`;
    const tabbed = tabs({label: 'Parts of the function', selected: query.get('tab') ?? 'calls',
      tabs: [
        {name: 'calls', title: 'Calls', render: (panel) => renderCalls(panel, name, group)},
        {name: 'code', title: 'Code', render: (panel) => renderCode(panel, found)},
        {name: 'sources', title: 'Event sources', render: (panel) => renderSources(panel, found)},
        {name: 'configuration', title: 'Configuration', render: (panel) =>
          renderConfiguration(panel, found)}]});
    leave = () => tabbed.leave();
    replace(place, factsOf(found), h('div', {class: 'toolbar'},
      copyAs({service: 'lambda', operation: 'GetFunction', params: {FunctionName: name}}),
      h('a', {class: 'push', href: link('functions')}, 'All functions')), tabbed);
  };
  show().catch((error) => replace(place, errorBox(error)));
  return () => leave();
}

/** All events of a log group since a time in milliseconds, in their order, at most `most`. */
export async function readLog(group, since, most = 5000) {
  const events = [];
  let token;
  do {
    const page = await call('logs', 'FilterLogEvents', {logGroupName: group, startTime: since,
      ...(token && {nextToken: token})});
    events.push(...page.events);
    token = page.nextToken;
  } while (token && events.length < most);
  return events;
}
