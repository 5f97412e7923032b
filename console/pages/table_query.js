// The query builder: what somebody chose, and the request of Query or Scan that it makes.
import {h, replace} from '../core/dom.js';
import {field} from '../core/widgets.js';

const SORT_OPERATORS = ['=', '<', '<=', '>', '>=', 'begins_with', 'between'];
const FILTER_OPERATORS = ['=', '<>', '<', '<=', '>', '>=', 'begins_with', 'contains', 'exists',
  'does not exist'];
const TYPES = [{value: 'S', text: 'text'}, {value: 'N', text: 'number'},
  {value: 'BOOL', text: 'true or false'}, {value: 'NULL', text: 'null'},
  {value: 'B', text: 'bytes (base64)'}];

/** A value of DynamoDB of what was typed. */
export function typed(type, text) {
  if (type === 'BOOL') return {BOOL: text.trim().toLowerCase() === 'true'};
  if (type === 'NULL') return {NULL: true};
  return {[type]: type === 'N' ? text.trim() : text};
}

/** Gathers names and values of expressions, so that no attribute's name is taken for a word. */
export class Expressions {
  constructor() {
    this.names = {};
    this.values = {};
  }

  /** '#n0.#n1[2]' of 'a.b[2]'. */
  path(text) {
    return text.split('.').map((part) => {
      const [, name, places] = /^(.*?)((?:\[\d+\])*)$/s.exec(part);
      const known = Object.keys(this.names).find((key) => this.names[key] === name);
      const key = known ?? `#n${Object.keys(this.names).length}`;
      this.names[key] = name;
      return key + places;
    }).join('.');
  }

  /** A name that has no parts: of a key. */
  name(text) {
    const key = `#n${Object.keys(this.names).length}`;
    this.names[key] = text;
    return key;
  }

  value(value) {
    const key = `:v${Object.keys(this.values).length}`;
    this.values[key] = value;
    return key;
  }

  condition(path, operator, values) {
    const [first, second] = values.map((one) => () => this.value(one));
    if (operator === 'exists') return `attribute_exists(${path})`;
    if (operator === 'does not exist') return `attribute_not_exists(${path})`;
    if (operator === 'between') return `${path} BETWEEN ${first()} AND ${second()}`;
    if (operator === 'begins_with' || operator === 'contains')
      return `${operator}(${path}, ${first()})`;
    return `${path} ${operator} ${first()}`;
  }
}

/** {operation, params} of {table, source, types, partition, sort: {operator, values}, filters:
 * [{path, operator, type, value}], isBackwards, limit}. Without a partition it is a Scan. */
export function requestOf(chosen) {
  const {source, types, partition, sort, filters} = chosen;
  const used = new Expressions();
  const params = {TableName: chosen.table};
  if (source.name) params.IndexName = source.name;
  const [hashKey, rangeKey] = source.KeySchema.map(({AttributeName}) => AttributeName);
  const isQuery = partition !== '';
  if (isQuery) {
    const keys = [used.condition(used.name(hashKey), '=', [typed(types[hashKey], partition)])];
    if (rangeKey && sort.values[0] !== '') {
      keys.push(used.condition(used.name(rangeKey), sort.operator,
        sort.values.map((one) => typed(types[rangeKey], one))));
    }
    params.KeyConditionExpression = keys.join(' AND ');
    if (chosen.isBackwards) params.ScanIndexForward = false;
  }
  const conditions = filters.filter(({path}) => path !== '').map(({path, operator, type, value}) =>
    used.condition(used.path(path), operator, [typed(type, value)]));
  if (conditions.length) params.FilterExpression = conditions.join(' AND ');
  if (Object.keys(used.names).length) params.ExpressionAttributeNames = used.names;
  if (Object.keys(used.values).length) params.ExpressionAttributeValues = used.values;
  return {operation: isQuery ? 'Query' : 'Scan',
    params: {...params, Limit: chosen.limit, ReturnConsumedCapacity: 'TOTAL'}};
}

function filterRow(onRemove) {
  const path = field({label: 'Attribute', placeholder: 'detail.state'});
  const operator = field({label: 'Condition', options: FILTER_OPERATORS, value: '='});
  const type = field({label: 'Type', options: TYPES, value: 'S'});
  const value = field({label: 'Value'});
  const element = h('div', {class: 'row filter'}, path, operator, type, value,
    h('button', {type: 'button', class: 'small', 'aria-label': 'Remove this filter',
      onclick: () => {
        element.remove();
        onRemove(element);
      }}, '✕'));
  element.read = () => ({path: path.input.value.trim(), operator: operator.input.value,
    type: type.input.value, value: value.input.value});
  return element;
}

function keyFields(source, types) {
  const [hashKey, rangeKey] = source.KeySchema.map(({AttributeName}) => AttributeName);
  const partition = field({label: `${hashKey} (${types[hashKey]})`,
    placeholder: 'empty: scan everything'});
  const operator = field({label: 'Condition', options: SORT_OPERATORS, value: '='});
  const sort = rangeKey && field({label: `${rangeKey} (${types[rangeKey]})`, placeholder: 'any'});
  const last = rangeKey && field({label: 'and', placeholder: 'up to'});
  if (last) {
    last.hidden = true;
    operator.input.addEventListener('change', () => {
      last.hidden = operator.input.value !== 'between';
    });
  }
  return {elements: rangeKey ? [partition, operator, sort, last] : [partition],
    read: () => ({partition: partition.input.value, sort: {operator: operator.input.value,
      values: !rangeKey ? [''] : operator.input.value === 'between'
        ? [sort.input.value, last.input.value] : [sort.input.value]}})};
}

/** An element with `request()`; `onRun` is called when somebody wants it. */
export function queryBuilder({description, sources, onRun}) {
  const types = Object.fromEntries(description.AttributeDefinitions.map((one) =>
    [one.AttributeName, one.AttributeType]));
  const where = field({label: 'Look in', value: '',
    options: sources.map(({name, text}) => ({value: name, text}))});
  const limit = field({label: 'Items a page', type: 'number', min: '1', max: '1000', value: '100'});
  const backwards = field({label: 'Last first', type: 'checkbox'});
  const keyPlace = h('div', {class: 'row'});
  const filters = [];
  const filterPlace = h('div');
  const source = () => sources.find(({name}) => name === where.input.value);
  let keys;
  const showKeys = () => {
    keys = keyFields(source(), types);
    replace(keyPlace, where, keys.elements);
  };
  where.input.addEventListener('change', showKeys);
  showKeys();
  const add = () => {
    const row = filterRow((gone) => filters.splice(filters.indexOf(gone), 1));
    filters.push(row);
    filterPlace.append(row);
  };
  const element = h('form', {class: 'card', onsubmit: (event) => {
    event.preventDefault();
    onRun();
  }}, keyPlace, filterPlace, h('div', {class: 'row'}, limit, backwards,
    h('button', {type: 'button', onclick: add}, '+ Filter'),
    h('button', {type: 'submit', class: 'main'}, 'Run')));
  element.request = () => requestOf({table: description.TableName, source: source(), types,
    ...keys.read(), filters: filters.map((row) => row.read()),
    isBackwards: backwards.input.checked, limit: Number(limit.input.value) || 100});
  return element;
}
