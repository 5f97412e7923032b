// The stream of a table: its last changes, and those that come.
import {call} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {time} from '../core/format.js';
import {link} from '../core/router.js';
import {errorBox, table} from '../core/widgets.js';
import {changesOf, keyText} from './attribute.js';

const MOST_KEPT = 500;
const PAGES_AT_ONCE = 10;
const READ_EVERY = 2000;  // milliseconds

const SIGNS = {INSERT: ['good', '+ insert'], MODIFY: ['warn', '~ modify'],
  REMOVE: ['bad', '− remove']};

function rowsOf(record) {
  const {dynamodb: change} = record;
  const changes = changesOf(change.OldImage, change.NewImage);
  return h('div', {}, changes.length
    ? changes.map((line) => h('div', {class: 'mono change'}, line))
    : h('span', {class: 'soft'}, 'The stream tells keys only.'));
}

class StreamTab {
  constructor(container, arn) {
    this.arn = arn;
    this.records = [];
    this.iterators = new Map();  // by shard; null: its end was read
    this.trouble = h('div');
    this.list = table({label: 'Changes', empty: 'No change in the last 24 hours.', columns: [
      {title: 'Time', render: (one) => time(one.dynamodb.ApproximateCreationDateTime).slice(0, 19),
        sort: (one) => one.dynamodb.SequenceNumber},
      {title: 'Event', render: ({eventName}) => h('span', {class: `badge ${SIGNS[eventName][0]}`},
        SIGNS[eventName][1])},
      {title: 'Key', render: (one) => keyText(one.dynamodb.Keys)},
      {title: 'What changed', render: rowsOf},
      {title: 'Journey', render: ({eventID}) => h('a', {href: link('search', eventID),
        'aria-label': `Follow change ${eventID}`}, 'Follow')}]});
    container.append(h('p', {class: 'soft'}, 'The newest first, at most ', MOST_KEPT,
      '; new ones come by themselves.'), this.trouble, this.list);
    this.tick();
  }

  async tick() {
    try {
      if (!document.hidden || this.records.length === 0) await this.read();
      replace(this.trouble);
    } catch (error) {
      replace(this.trouble, errorBox(error));
    }
    if (!this.isLeft) this.timer = setTimeout(() => this.tick(), READ_EVERY);
  }

  async findShards() {
    let last;
    do {
      const {StreamDescription: page} = await call('dynamodbstreams', 'DescribeStream',
        {StreamArn: this.arn, ...(last && {ExclusiveStartShardId: last})});
      for (const {ShardId} of page.Shards) {
        if (this.iterators.has(ShardId)) continue;
        const {ShardIterator} = await call('dynamodbstreams', 'GetShardIterator',
          {StreamArn: this.arn, ShardId, ShardIteratorType: 'TRIM_HORIZON'});
        this.iterators.set(ShardId, ShardIterator);
      }
      last = page.LastEvaluatedShardId;
    } while (last);
  }

  async read() {
    await this.findShards();
    const found = [];
    for (const [shard, iterator] of this.iterators) {
      let next = iterator;
      for (let page = 0; next && page < PAGES_AT_ONCE; ++page) {
        const reply = await call('dynamodbstreams', 'GetRecords', {ShardIterator: next});
        next = reply.NextShardIterator ?? null;
        this.iterators.set(shard, next);
        found.push(...reply.Records);
        if (reply.Records.length === 0) break;
      }
    }
    if (found.length === 0 || this.isLeft) return;
    const number = (one) => one.dynamodb.SequenceNumber.padStart(40, '0');
    this.records = [...this.records, ...found].sort((a, b) => (number(a) < number(b) ? 1 : -1))
      .slice(0, MOST_KEPT);
    this.list.setRows(this.records);
  }

  leave() {
    this.isLeft = true;
    clearTimeout(this.timer);
  }
}

export function renderStream(container, description) {
  if (!description.StreamSpecification?.StreamEnabled) {
    container.append(h('p', {class: 'empty'}, 'The table has no stream. UpdateTable with ' +
      'StreamSpecification {StreamEnabled: true} gives it one.'));
    return null;
  }
  const tab = new StreamTab(container, description.LatestStreamArn);
  return () => tab.leave();
}
