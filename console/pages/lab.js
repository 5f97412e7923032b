// The pattern lab: an event and a pattern, and for each leaf of the pattern whether it holds.
import {insight} from '../core/api.js';
import {attempts} from '../core/attempts.js';
import {h, replace} from '../core/dom.js';
import {errorBox, field, jsonEditor, table} from '../core/widgets.js';
import {compactJson, compactText} from './lab_link.js';

export const title = 'Pattern lab';

const EVENT = {version: '0', id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718', source: 'shop',
  'detail-type': 'order', account: '000000000000', time: '2026-11-30T12:00:00Z',
  region: 'us-east-1', resources: [], detail: {state: 'paid', total: 42, items: ['book', 'pen']}};

/** Of each dialect: its name, and what to begin with. */
const DIALECTS = {
  rule: {text: 'Rule of EventBridge', eventLabel: 'Event', event: EVENT,
    pattern: {source: ['shop'], detail: {state: ['paid', {prefix: 're'}],
      total: [{numeric: ['>', 100]}]}}},
  'filter-policy-attributes': {text: 'Filter policy of message attributes',
    eventLabel: 'Message attributes',
    event: {store: {DataType: 'String', StringValue: 'berlin'},
      price: {DataType: 'Number', StringValue: '12.5'}},
    pattern: {store: ['berlin', 'paris'], price: [{numeric: ['<', 10]}]}},
  'filter-policy-body': {text: 'Filter policy of the message body', eventLabel: 'Message body',
    event: {store: 'berlin', order: {state: 'paid'}}, pattern: {order: {state: ['paid']}}},
  'event-source': {text: 'Filter of an event source mapping', eventLabel: 'Record',
    event: {messageId: '1', body: '{"state": "paid", "total": 42}', attributes: {}},
    pattern: {body: {state: ['paid'], total: [{numeric: ['>', 10]}]}}},
};

const SIGNS = {true: ['good', '✓ holds'], false: ['bad', '✕ does not']};

function badge(holds) {
  const [kind, text] = SIGNS[holds];
  return h('span', {class: `badge ${kind}`}, text);
}

function leavesOf(reply) {
  const hasChoice = reply.Alternatives > 1;
  return table({label: 'Leaves of the pattern', rows: reply.Leaves,
    empty: 'The pattern asks for nothing.',
    rowClass: ({Holds}) => (Holds ? 'leaf-good' : 'leaf-bad'), columns: [
      {title: 'Result', render: ({Holds}) => badge(Holds), sort: ({Holds}) => String(Holds)},
      {title: 'Path', render: ({Path}) => h('code', {}, Path), sort: ({Path}) => Path},
      {title: 'Must be', key: 'Wanted'}, {title: 'Is', key: 'Found'},
      ...(hasChoice ? [{title: '$or', render: ({Alternatives}) => Alternatives
        .map((number) => `alternative ${number}`).join(', ')}] : []),
      {title: 'Why not', render: ({Sentence}) => Sentence ?? ''}]});
}

class Lab {
  constructor(container, search) {
    const dialect = search.get('dialect') in DIALECTS ? search.get('dialect') : 'rule';
    const begin = DIALECTS[dialect];
    this.tries = attempts((isLatest) => this.run(isLatest));
    const onInput = this.tries.later;
    this.dialect = field({label: 'Dialect', value: dialect,
      options: Object.entries(DIALECTS).map(([value, {text}]) => ({value, text}))});
    this.pattern = jsonEditor({label: 'Pattern', rows: 14, onInput,
      value: search.has('pattern') ? compactText(search.get('pattern'))
        : compactJson(begin.pattern)});
    this.event = jsonEditor({label: begin.eventLabel, rows: 14, onInput,
      value: search.has('event') ? compactText(search.get('event')) : compactJson(begin.event)});
    this.dialect.input.addEventListener('change', () => this.begin());
    this.result = h('div', {'aria-live': 'polite'});
    container.append(h('h1', {}, 'Pattern lab'),
      h('p', {class: 'soft'}, 'What each leaf of a pattern makes of an event, while you write. ',
        'Nothing is sent.'),
      this.dialect, h('div', {class: 'grid2'}, this.pattern, this.event), this.result);
    this.tries.now();
  }

  begin() {
    const {pattern, event, eventLabel} = DIALECTS[this.dialect.input.value];
    this.pattern.set(compactJson(pattern));
    this.event.set(compactJson(event));
    this.event.querySelector('label').textContent = eventLabel;
    this.tries.now();
  }

  async run(isLatest) {
    try {
      const reply = await insight('POST', '/_matinee/pattern', {body: {
        Dialect: this.dialect.input.value, Pattern: this.pattern.text(),
        Event: this.event.text()}});
      if (!isLatest()) return;
      replace(this.result, h('p', {class: 'verdict'},
        h('span', {class: `badge ${reply.Matches ? 'good' : 'bad'}`},
          reply.Matches ? '✓ matches' : '✕ does not match'), ' ', reply.Text),
      leavesOf(reply));
    } catch (error) {
      if (isLatest()) replace(this.result, errorBox(error));
    }
  }
}

export function render(container, {query}) {
  const lab = new Lab(container, query);
  return lab.tries.end;
}
