// Calls of a function: the event that is sent, and the log beside each invocation.
import {insight, rest} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {clock, count, nameOf, pretty, seconds, time} from '../core/format.js';
import {wholeOf} from '../core/hops.js';
import {link} from '../core/router.js';
import {account, region} from '../core/session.js';
import {encode} from '../core/sign.js';
import {copyAs, errorBox, field, jsonEditor, table} from '../core/widgets.js';
import {readLog} from './function.js';
import {invocationsOf} from './invocations.js';

const READ_EVERY = 3000;  // milliseconds
const SHOWN_SINCE = 24 * 3600 * 1000;
const MOST_EVENTS = 30;   // that were sent from here, and are kept for another time

const MOST_HOPS = 200;
const CALLS = ['invoked', 'refused', 'put off', 'dropped'];
const NOT_KEPT = 'The journal has no event of this call: it was a secret, or one of too many.';
const TOO_LONG = 'The journal has only the beginning of this event.';

const SAMPLES = {
  'Queue': {Records: [{messageId: '1', receiptHandle: 'r', body: '{"state": "paid"}',
    attributes: {ApproximateReceiveCount: '1'}, messageAttributes: {}, eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:orders', awsRegion: 'us-east-1'}]},
  'Topic': {Records: [{EventSource: 'aws:sns', EventVersion: '1.0',
    Sns: {Type: 'Notification', MessageId: '1', Subject: null, Message: 'hello',
      TopicArn: 'arn:aws:sns:us-east-1:000000000000:news', MessageAttributes: {}}}]},
  'Bucket': {Records: [{eventVersion: '2.1', eventSource: 'aws:s3', awsRegion: 'us-east-1',
    eventName: 'ObjectCreated:Put', s3: {bucket: {name: 'films'}, object: {key: 'a', size: 1}}}]},
  'Rule': {version: '0', id: '1', 'detail-type': 'order', source: 'shop', region: 'us-east-1',
    account: '000000000000', time: '2026-11-30T12:00:00Z', resources: [], detail: {state: 'paid'}},
  'Empty': {},
};

/** Events that were sent from this browser, the newest first: {at, text}. */
class Sent {
  constructor(name) {
    this.key = `matinee.events.${name}`;
  }

  all() {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? '[]');
    } catch {
      return [];
    }
  }

  add(text) {
    const others = this.all().filter((one) => one.text !== text);
    try {
      localStorage.setItem(this.key, JSON.stringify([{at: Date.now() / 1000, text}, ...others]
        .slice(0, MOST_EVENTS)));
    } catch {
      // The browser keeps no more; what was sent before is still there.
    }
  }
}

/** The event of a call that anybody has made, as the journal has it. Throws where it has none. */
async function eventOf(id, name) {
  const {Payloads = []} = await insight('GET', '/_matinee/payloads', {query: {id}});
  const found = Payloads.find(({Id, Resource, Answer}) => Id === id && !Answer &&
    nameOf(wholeOf(Resource)) === name);
  if (!found) throw Object.assign(new Error(NOT_KEPT), {code: 'NotKept'});
  if (!found.Whole) throw Object.assign(new Error(TOO_LONG), {code: 'NotWhole'});
  return pretty(found.Body);
}

/** Calls that the journal has been told of, the newest first: {id, at, by}. */
async function callsFromElsewhere(name) {
  const arn = `arn:aws:lambda:${region()}:${account()}:function:${name}`;
  const {Hops = []} = await insight('GET', '/_matinee/trace', {query: {resource: arn,
    'max-items': MOST_HOPS}}).catch(() => ({}));  // without a journal there are none
  const calls = Hops.filter(({Kind, Resource}) => CALLS.includes(Kind) &&
    wholeOf(Resource) === arn).map(({Messages = [], Time, Peer, Caller}) => ({
    id: Messages[0]?.Id, at: Time, by: nameOf(Peer || Caller)}));
  return [...new Map(calls.filter(({id}) => id).map((one) => [one.id, one])).values()]
    .reverse().slice(0, MOST_EVENTS);
}

async function invoke(name, text) {
  const reply = await rest('lambda', 'POST', `/2015-03-31/functions/${encode(name)}/invocations`,
    {headers: {'x-amz-log-type': 'Tail', 'content-type': 'application/json'}, body: text});
  const log = reply.headers.get('x-amz-log-result');
  return {id: reply.headers.get('x-amzn-requestid'), body: await reply.text(),
    failure: reply.headers.get('x-amz-function-error'),
    log: log && new TextDecoder().decode(Uint8Array.from(atob(log), (c) => c.charCodeAt(0)))};
}

function resultOf({id, body, failure, log}) {
  return [h('p', {}, h('span', {class: `badge ${failure ? 'bad' : 'good'}`},
    failure ? `✕ ${failure}` : '✓ answered'), ' ', h('a', {href: link('search', id)}, id)),
  h('pre', {class: 'code', tabindex: '0', 'aria-label': 'Answer'}, pretty(body)),
  log && h('details', {open: Boolean(failure)}, h('summary', {}, 'The end of its log'),
    h('pre', {class: 'code', tabindex: '0', 'aria-label': 'End of the log'}, log))];
}

function caller(name, onDone) {
  const sent = new Sent(name);
  const [last] = sent.all();
  const editor = jsonEditor({label: 'Event', rows: 9, value: last?.text ?? {}});
  const earlier = field({label: 'Begin with', options: []});
  let elsewhere = [];
  const showEarlier = () => replace(earlier.input, h('option', {value: ''}, 'choose …'),
    elsewhere.length > 0 && h('optgroup', {label: 'Called by others'}, elsewhere.map(({id, at, by},
      index) => h('option', {value: `call ${index}`}, `${time(at).slice(5, 19)}  ${by}  ${id}`))),
    h('optgroup', {label: 'Sent earlier'}, sent.all().map(({at, text}, index) =>
      h('option', {value: `sent ${index}`}, `${time(at).slice(5, 19)}  ${text.replace(/\s+/g, ' ')
        .slice(0, 60)}`))),
    h('optgroup', {label: 'Samples'}, Object.keys(SAMPLES).map((key) =>
      h('option', {value: `sample ${key}`}, key))));
  showEarlier();
  const result = h('div', {role: 'status'});
  const begin = async (id) => {
    replace(result);
    try {
      editor.set(await eventOf(id, name));
      editor.input.focus();
    } catch (error) {
      replace(result, errorBox(error));
    }
  };
  earlier.input.addEventListener('change', () => {
    const [kind, key] = earlier.input.value.split(' ');
    if (kind === 'call') begin(elsewhere[key].id);
    else if (kind) editor.set(kind === 'sent' ? pretty(sent.all()[key].text) : SAMPLES[key]);
  });
  const refresh = async () => {
    elsewhere = await callsFromElsewhere(name);
    // Whoever chooses is left alone.
    if (document.activeElement !== earlier.input && !earlier.input.value) showEarlier();
  };
  const button = h('button', {type: 'submit', class: 'main'}, 'Invoke');
  const form = h('form', {class: 'card', onsubmit: async (event) => {
    event.preventDefault();
    button.disabled = true;
    replace(result, h('p', {class: 'soft'}, 'It runs …'));
    try {
      sent.add(editor.text());
      showEarlier();
      replace(result, resultOf(await invoke(name, editor.text())));
      onDone();
    } catch (error) {
      replace(result, errorBox(error));
    }
    button.disabled = false;
  }}, h('h2', {}, 'Invoke'), earlier, editor, h('div', {class: 'toolbar'}, button,
    copyAs(() => ({service: 'lambda', operation: 'Invoke',
      params: {FunctionName: name, Payload: editor.text()}}))), result);
  return {form, begin, refresh};
}

const STATES = {success: ['good', '✓ success'], error: ['bad', '✕ error'],
  timeout: ['bad', '✕ time-out'], running: ['warn', '… running']};

function invocationOf(one, begin) {
  const [kind, text] = STATES[one.status] ?? ['bad', `✕ ${one.status}`];
  return h('details', {class: 'invocation', 'data-id': one.id},
    h('summary', {}, h('span', {class: 'mono'}, clock(one.time / 1000)), ' ',
      h('span', {class: `badge ${kind}`}, text), ' ',
      one.init !== null && h('span', {class: 'badge'}, `❄ cold, ${one.init} ms`), ' ',
      one.duration !== null && `${one.duration} ms, ${one.memory} MB`, ' ',
      h('span', {class: 'soft mono'}, one.id)),
    h('p', {class: 'toolbar'}, h('a', {href: link('search', one.id)}, 'What caused it'),
      h('button', {type: 'button', class: 'small', onclick: () => begin(one.id)},
        'Begin with its event')),
    h('pre', {class: 'code tall', tabindex: '0', 'aria-label': `Log of ${one.id}`},
      one.lines.map((line) => `${clock(line.time / 1000)}  ${line.text}\n`)));
}

/** Keeps what somebody opened open while new calls come. */
class CallList {
  constructor(container, group, {begin, refresh}) {
    this.group = group;
    this.begin = begin;
    this.refresh = refresh;
    this.instances = h('div');
    this.trouble = h('div');
    this.rows = h('div');
    this.known = '';
    container.append(h('h2', {}, 'Calls of the last day'), this.trouble, this.rows,
      h('h2', {}, 'Instances'), this.instances);
  }

  async read() {
    try {
      // The cloud's clock may be far ahead of this machine's.
      const {Now} = await insight('GET', '/_matinee/clock');
      const events = await readLog(this.group, Math.floor(seconds(Now) * 1000) - SHOWN_SINCE);
      replace(this.trouble);
      this.draw(events);
    } catch (error) {
      if (error.code === 'ResourceNotFoundException') this.draw([]);
      else replace(this.trouble, errorBox(error));
    }
  }

  draw(events) {
    const known = `${events.length} ${events.at(-1)?.eventId}`;
    if (known === this.known) return;
    this.known = known;
    this.refresh();
    const {invocations, instances} = invocationsOf(events);
    const open = new Set([...this.rows.querySelectorAll('details[open]')].map((one) =>
      one.dataset.id));
    replace(this.rows, invocations.length ? invocations.slice(0, 200).map((one) =>
      invocationOf(one, this.begin))
      : h('p', {class: 'empty'}, 'Nobody has called it.'),
    invocations.length > 200 && h('p', {class: 'soft'},
      `The newest 200 of ${count(invocations.length)}.`));
    for (const one of this.rows.querySelectorAll('details'))
      one.open = open.has(one.dataset.id);
    replace(this.instances, table({label: 'Instances', rows: instances,
      empty: 'No instance has run.', columns: [{title: 'Log stream', key: 'stream'},
        {title: 'Calls', key: 'calls', class: 'number'},
        {title: 'Last sign', sort: (one) => one.last, render: ({last}) => time(last / 1000)}]}));
  }
}

export function renderCalls(container, name, group) {
  let isLeft = false;
  let timer = null;
  const list = h('div');
  const calling = caller(name, () => calls.read());
  const calls = new CallList(list, group, calling);
  container.append(h('div', {class: 'grid2'}, calling.form, list));
  const tick = async () => {
    if (!document.hidden) await calls.read();
    if (!isLeft) timer = setTimeout(tick, READ_EVERY);
  };
  tick();
  return () => {
    isLeft = true;
    clearTimeout(timer);
  };
}
