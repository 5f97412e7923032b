// A table: its items by query and scan, its stream, and how it is set up.
import {call} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {bytes, count} from '../core/format.js';
import {link} from '../core/router.js';
import {copyAs, errorBox, table, tabs} from '../core/widgets.js';
import {renderItems} from './table_items.js';
import {renderStream} from './table_stream.js';
import {keysOf} from './tables.js';

export const title = ({name}) => `Table ${name}`;

/** The table itself and its indexes, as what may be queried. */
export function sourcesOf(description) {
  const {KeySchema, GlobalSecondaryIndexes = [], LocalSecondaryIndexes = []} = description;
  return [{name: '', text: 'the table', KeySchema},
    ...[...GlobalSecondaryIndexes, ...LocalSecondaryIndexes].map((index) => (
      {name: index.IndexName, text: `index ${index.IndexName}`, KeySchema: index.KeySchema}))];
}

function renderSettings(container, description) {
  container.append(table({label: 'Keys', rows: sourcesOf(description), columns: [
    {title: 'Where', key: 'text'},
    {title: 'Keys',
      render: ({KeySchema}) => keysOf(KeySchema, description.AttributeDefinitions)}]}),
  h('h2', {}, 'Description'),
  h('pre', {class: 'code', tabindex: '0'}, JSON.stringify(description, null, 2)));
}

function factsOf(description) {
  const facts = [['Items', count(description.ItemCount)],
    ['Size', bytes(description.TableSizeBytes)], ['Status', description.TableStatus],
    ['Keys', keysOf(description.KeySchema, description.AttributeDefinitions)],
    ['Billing', description.BillingModeSummary?.BillingMode ?? 'PROVISIONED'],
    ['Stream', description.StreamSpecification?.StreamViewType ?? 'none']];
  return h('dl', {class: 'facts'}, facts.map(([name, value]) =>
    h('div', {}, h('dt', {}, name), h('dd', {}, value))));
}

export function render(container, {name, query}) {
  const place = h('div', {}, h('p', {class: 'empty'}, 'Asking …'));
  let leave = () => {};
  container.append(h('h1', {}, `Table ${name}`), place);
  call('dynamodb', 'DescribeTable', {TableName: name}).then(({Table: description}) => {
    const tabbed = tabs({label: 'Parts of the table', selected: query.get('tab') ?? 'items', tabs: [
      {name: 'items', title: 'Items', render: (panel) => renderItems(panel, description)},
      {name: 'stream', title: 'Stream', render: (panel) => renderStream(panel, description)},
      {name: 'settings', title: 'Settings', render: (panel) =>
        renderSettings(panel, description)}]});
    leave = () => tabbed.leave();
    replace(place, factsOf(description), h('div', {class: 'toolbar'},
      copyAs({service: 'dynamodb', operation: 'DescribeTable', params: {TableName: name},
        resource: {type: 'AWS::DynamoDB::Table', name, properties: {TableName: name,
          KeySchema: description.KeySchema, BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: description.AttributeDefinitions}}}),
      h('a', {class: 'push', href: link('tables')}, 'All tables')), tabbed);
  }).catch((error) => replace(place, errorBox(error)));
  return () => leave();
}
