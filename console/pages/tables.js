// All tables.
import {call} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {bytes, count} from '../core/format.js';
import {link} from '../core/router.js';
import {copyAs, errorBox, table} from '../core/widgets.js';

const DESCRIBED = 200;  // beyond, a table is told by its name alone

export const title = 'Tables';

async function listNames() {
  const names = [];
  let last;
  do {
    const page = await call('dynamodb', 'ListTables', last ? {ExclusiveStartTableName: last} : {});
    names.push(...page.TableNames);
    last = page.LastEvaluatedTableName;
  } while (last);
  return names;
}

/** 'title (S), year (N)' */
export function keysOf(schema, attributes) {
  return schema.map(({AttributeName}) => `${AttributeName} (${attributes
    .find((one) => one.AttributeName === AttributeName)?.AttributeType ?? '?'})`).join(', ');
}

export function render(container) {
  const place = h('div', {}, h('p', {class: 'empty'}, 'Asking …'));
  container.append(h('h1', {}, 'Tables'),
    h('div', {class: 'toolbar'}, copyAs({service: 'dynamodb', operation: 'ListTables'})), place);
  const show = async () => {
    const names = await listNames();
    const rows = await Promise.all(names.map(async (name, index) => (index >= DESCRIBED
      ? {TableName: name} : (await call('dynamodb', 'DescribeTable', {TableName: name})).Table)));
    replace(place, table({label: 'Tables', rows, empty: 'There is no table yet.', columns: [
      {title: 'Name', key: 'TableName',
        render: ({TableName}) => h('a', {href: link('tables', TableName)}, TableName)},
      {title: 'Keys', render: (one) => one.KeySchema &&
        keysOf(one.KeySchema, one.AttributeDefinitions)},
      {title: 'Items', class: 'number', sort: (one) => one.ItemCount,
        render: (one) => one.KeySchema && count(one.ItemCount)},
      {title: 'Size', class: 'number', sort: (one) => one.TableSizeBytes,
        render: (one) => one.KeySchema && bytes(one.TableSizeBytes)},
      {title: 'Stream', render: (one) => (one.StreamSpecification?.StreamEnabled
        ? one.StreamSpecification.StreamViewType : '')},
      {title: 'Status', key: 'TableStatus'}]}));
  };
  show().catch((error) => replace(place, errorBox(error)));
}
