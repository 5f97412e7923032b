// Items of a table: found by query and scan, a page at a time; one of them in an editor.
import {call} from '../core/api.js';
import {causeButton} from '../core/causes.js';
import {h, replace} from '../core/dom.js';
import {count} from '../core/format.js';
import {confirm, copyAs, dialog, errorBox, jsonEditor, table, toast} from '../core/widgets.js';
import {inLine, itemText, keyText} from './attribute.js';
import {sourcesOf} from './table.js';
import {queryBuilder} from './table_query.js';

const MOST_COLUMNS = 8;

function keyOf(description, item) {
  return Object.fromEntries(description.KeySchema.map(({AttributeName}) =>
    [AttributeName, item[AttributeName]]));
}

/** As the journal names an item: "metropolis", "metropolis/1927". */
function journalKey(description, item) {
  return Object.values(keyOf(description, item))
    .map(({S, N, B}) => (S ?? N ?? B).slice(0, 200)).join('/');
}

function emptyItem(description) {
  const types = Object.fromEntries(description.AttributeDefinitions.map((one) =>
    [one.AttributeName, one.AttributeType]));
  return Object.fromEntries(description.KeySchema.map(({AttributeName}) =>
    [AttributeName, {[types[AttributeName]]: types[AttributeName] === 'N' ? '0' : ''}]));
}

/** An item that nobody shall overwrite unseen is written only where there is none. */
function putOf(description, item, isNew) {
  const params = {TableName: description.TableName, Item: item};
  return !isNew ? params : {...params, ConditionExpression: 'attribute_not_exists(#k)',
    ExpressionAttributeNames: {'#k': description.KeySchema[0].AttributeName}};
}

function openEditor({description, item, onChange}) {
  const isNew = !item;
  const before = item && JSON.stringify(keyOf(description, item));
  const editor = jsonEditor({label: 'Item', value: itemText(item ?? emptyItem(description)),
    rows: 14,
    hint: 'With types, as DynamoDB has them: {"S": "text"}, {"N": "1"}, {"BOOL": true}'});
  const actions = [{text: 'Save', kind: 'main', run: async () => {
    const next = editor.read();
    const isMoved = !isNew && JSON.stringify(keyOf(description, next)) !== before;
    await call('dynamodb', 'PutItem', putOf(description, next, isNew || isMoved));
    toast(isMoved ? 'Its key is another: a second item was written.' : 'The item is written.');
    onChange();
  }}];
  if (!isNew) {
    actions.push({text: 'Delete', kind: 'danger', run: async () => {
      const key = keyOf(description, item);
      if (!await confirm({title: 'Delete an item', text: keyText(key), action: 'Delete'}))
        return false;
      await call('dynamodb', 'DeleteItem', {TableName: description.TableName, Key: key});
      toast('The item is deleted.');
      onChange();
      return true;
    }});
  }
  const shown = dialog({title: isNew ? 'New item' : 'Item', wide: true, actions, body: [editor,
    copyAs(() => ({service: 'dynamodb', operation: 'PutItem',
      params: putOf(description, editor.read(), isNew)})),
    item && causeButton({resource: description.TableArn, id: journalKey(description, item),
      close: () => shown.close()})]});
}

function columnsOf(description, items, open) {
  const keys = description.KeySchema.map(({AttributeName}) => AttributeName);
  const others = new Set();
  for (const item of items)
    for (const name of Object.keys(item)) if (!keys.includes(name)) others.add(name);
  const shown = [...others].slice(0, MOST_COLUMNS);
  return [{title: 'Edit', render: (item) => h('button', {type: 'button', class: 'small',
    'aria-label': `Edit ${keyText(keyOf(description, item))}`, onclick: () => open(item)}, '✎')},
  ...[...keys, ...shown].map((name) => ({title: name, class: 'cut',
    sort: (item) => (item[name]?.N !== undefined ? Number(item[name].N) : inLine(item[name])),
    render: (item) => inLine(item[name])}))];
}

class ItemsTab {
  constructor(container, description) {
    this.description = description;
    this.items = [];
    this.round = 0;
    this.results = h('div');
    this.status = h('p', {class: 'soft', role: 'status'});
    this.more = h('button', {type: 'button', hidden: true, onclick: () => this.read()}, 'More');
    this.builder = queryBuilder({description, sources: sourcesOf(description),
      onRun: () => this.start()});
    container.append(this.builder, h('div', {class: 'toolbar'},
      h('button', {type: 'button', onclick: () => this.open(null)}, 'New item'),
      copyAs(() => ({service: 'dynamodb', ...this.builder.request()})), this.status),
    this.results, h('div', {class: 'toolbar'}, this.more));
    this.start();
  }

  open(item) {
    openEditor({description: this.description, item, onChange: () => this.start()});
  }

  start() {
    this.items = [];
    this.scanned = 0;
    this.capacity = 0;
    this.last = null;
    this.round += 1;
    return this.read();
  }

  async read() {
    const {round} = this;
    const {operation, params} = this.last ? this.request : this.builder.request();
    this.request = {operation, params};
    this.more.disabled = true;
    try {
      const page = await call('dynamodb', operation,
        this.last ? {...params, ExclusiveStartKey: this.last} : params);
      if (round !== this.round) return;
      this.items.push(...page.Items);
      this.scanned += page.ScannedCount;
      this.capacity += page.ConsumedCapacity?.CapacityUnits ?? 0;
      this.last = page.LastEvaluatedKey;
      this.draw(operation);
    } catch (error) {
      if (round !== this.round) return;
      replace(this.results, errorBox(error));
      this.status.textContent = '';
    }
    this.more.disabled = false;
  }

  draw(operation) {
    this.status.textContent = `${operation}: ${count(this.items.length)} items of ` +
      `${count(this.scanned)} that were read, ${this.capacity} capacity units` +
      `${this.last ? '; there is more' : ''}`;
    this.more.hidden = !this.last;
    replace(this.results, table({label: 'Items', rows: this.items, empty: 'No item.',
      columns: columnsOf(this.description, this.items, (item) => this.open(item))}));
  }
}

export function renderItems(container, description) {
  const tab = new ItemsTab(container, description);
  return () => {
    tab.round += 1;
  };
}
