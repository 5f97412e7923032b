// All rules, by their buses, and the schedules of EventBridge Scheduler beside them.
import {call} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {link} from '../core/router.js';
import {copyAs, errorBox, field, jsonEditor, table, toast} from '../core/widgets.js';

export const title = 'Rules';

/** All of a list that EventBridge gives in pages. */
export async function listAll(operation, list, params = {}) {
  const all = [];
  let token;
  do {
    const page = await call('events', operation, {...params, ...(token && {NextToken: token})});
    all.push(...page[list]);
    token = page.NextToken;
  } while (token);
  return all;
}

export function stateOf({State}) {
  return State === 'DISABLED' ? h('span', {class: 'badge warn'}, '‖ disabled')
    : h('span', {class: 'badge good'}, '▶ enabled');
}

function sender(buses) {
  const bus = field({label: 'Bus', options: buses.map(({Name}) => Name)});
  const source = field({label: 'Source', value: 'shop'});
  const type = field({label: 'Detail type', value: 'order'});
  const detail = jsonEditor({label: 'Detail', rows: 5, value: {state: 'paid', total: 42}});
  const read = () => ({Entries: [{EventBusName: bus.input.value, Source: source.input.value,
    DetailType: type.input.value, Detail: detail.text()}]});
  const result = h('div', {role: 'status'});
  return h('form', {class: 'card', onsubmit: async (event) => {
    event.preventDefault();
    try {
      const {Entries: [entry]} = await call('events', 'PutEvents', read());
      if (entry.ErrorCode) {
        replace(result, errorBox({code: entry.ErrorCode, message: entry.ErrorMessage,
          service: 'events', operation: 'PutEvents'}));
        return;
      }
      toast('Sent.');
      replace(result, 'Event ', h('a', {href: link('search', entry.EventId)}, entry.EventId));
    } catch (error) {
      replace(result, errorBox(error));
    }
  }}, h('h2', {}, 'Send an event'), h('div', {class: 'row'}, bus, source, type), detail,
  h('div', {class: 'toolbar'}, h('button', {type: 'submit', class: 'main'}, 'Send'),
    copyAs(() => ({service: 'events', operation: 'PutEvents', params: read()}))), result);
}

export function render(container) {
  const place = h('div', {}, h('p', {class: 'empty'}, 'Asking …'));
  container.append(h('h1', {}, 'Rules'), h('div', {class: 'toolbar'},
    copyAs({service: 'events', operation: 'ListRules'}),
    h('a', {class: 'push', href: '#/lab'}, 'Pattern lab')), place);
  const show = async () => {
    const buses = await listAll('ListEventBuses', 'EventBuses');
    const rules = (await Promise.all(buses.map(({Name}) =>
      listAll('ListRules', 'Rules', {EventBusName: Name})))).flat();
    replace(place, table({label: 'Rules', rows: rules, empty: 'There is no rule yet.', columns: [
      {title: 'Name', key: 'Name', render: (rule) =>
        h('a', {href: link('rules', rule.EventBusName, rule.Name)}, rule.Name)},
      {title: 'Bus', key: 'EventBusName'}, {title: 'State', render: stateOf},
      {title: 'Fires on', class: 'cut',
        render: (rule) => rule.ScheduleExpression ?? rule.EventPattern}]}), sender(buses));
  };
  show().catch((error) => replace(place, errorBox(error)));
}
