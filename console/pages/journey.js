// The journey of one message: every hop from its sending to its end, with waits, the payload and
// what has become of it, and why at each decision.
import {insight} from '../core/api.js';
import {compare} from '../core/changes.js';
import {h, replace} from '../core/dom.js';
import {bytes, clock, nameOf, pretty, seconds, serviceOf, span, time} from '../core/format.js';
import {isTrouble, kindBadge, resourceLink, wholeOf} from '../core/hops.js';
import {readAfterHops} from '../core/live.js';
import {isEntering, readPayloads} from '../core/payloads.js';
import {link} from '../core/router.js';
import {errorBox, table} from '../core/widgets.js';

export const title = (params) => `Journey of ${params.id}`;

const MOST_MESSAGES = 5;  // of a hop
const NOT_KEPT = 'The journal has no payload of it: it is encrypted, a secret, or one of too many.';
const LONG_WAIT = 0.5;  // seconds that are told between two hops

const WORDS = {sent: 'Sent to', matched: 'Taken by', 'not matched': 'Not taken by',
  delivered: 'Delivered to', 'put off': 'Not delivered yet to', dropped: 'Given up for',
  'dead-lettered': 'Dead letter of', received: 'Received from', hidden: 'Hidden in',
  returned: 'Visible again in', deleted: 'Deleted from', expired: 'Too old in',
  moved: 'Moved out of', invoked: 'Call of', wrote: 'Written to', fired: 'Fired by',
  refused: 'Refused by', duplicate: 'Known already to'};

function idsOf(hop, id) {
  return (hop.Messages ?? []).slice(0, MOST_MESSAGES).map((message) => h('div', {},
    message.Id === id ? h('strong', {class: 'mono'}, message.Id)
      : h('a', {href: link('journey', message.Id), class: 'mono'}, message.Id),
    message.Bytes ? h('span', {class: 'soft'}, ` ${bytes(message.Bytes)}`) : '',
    message.Cause ? h('span', {class: 'soft'}, ' caused by ', h('a', {class: 'mono',
      href: link('journey', message.Cause)}, message.Cause)) : ''));
}

const SIGNS = {added: ['good', '+ added'], removed: ['bad', '− removed'],
  changed: ['warn', '~ changed']};

function changesTable(changes) {
  return table({label: 'What changed', rows: changes, columns: [
    {title: 'What', render: ({kind}) => h('span', {class: `badge ${SIGNS[kind][0]}`},
      SIGNS[kind][1])},
    {title: 'Member', class: 'mono', render: ({path}) => path || 'all of it'},
    {title: 'Before', class: 'mono change', render: ({was}) => was},
    {title: 'Now', class: 'mono change', render: ({is}) => is}]});
}

/** What has become of it since it was told last. */
function changesOf(before, now) {
  const {same, inside, takenFrom, changes} = compare(before, now);
  if (same) return h('p', {class: 'soft'}, 'The payload has not changed.');
  if (inside) return h('p', {}, 'The payload before it is now inside, at ', h('code', {}, inside),
    '.');
  if (takenFrom) return h('p', {}, 'The payload is what stood at ', h('code', {}, takenFrom), '.');
  if (!changes) return h('p', {}, 'The payload is another one.');
  return h('details', {open: changes.length <= 12}, h('summary', {},
    `${changes.length} ${changes.length === 1 ? 'member has' : 'members have'} changed`),
  changesTable(changes));
}

function settingsOf({Settings}) {
  return Settings && h('details', {}, h('summary', {}, 'Attributes and group'),
    h('pre', {tabindex: '0', 'aria-label': 'Attributes and group'}, pretty(Settings)));
}

function payloadBox(payload, before) {
  const {Body = '', Bytes = Body.length, Whole} = payload;
  const isSame = before !== undefined && compare(before, Body).same;
  return [before !== undefined && Whole && changesOf(before, Body),
    !isSame && h('pre', {tabindex: '0', 'aria-label': 'Payload'}, Whole ? pretty(Body) : Body),
    !Whole && h('p', {class: 'soft'}, `The beginning: the whole payload has ${bytes(Bytes)}.`),
    settingsOf(payload)];
}

/** Once of all messages that a call was made with. */
function answerBox(answer, told) {
  if (!answer || told.has(answer)) return '';
  told.add(answer);
  const {Body = '', Bytes, Whole} = answer;
  return [h('p', {class: 'soft'}, 'The function has answered:'),
    h('pre', {tabindex: '0', 'aria-label': 'Answer'}, Whole ? pretty(Body) : Body),
    !Whole && h('p', {class: 'soft'}, `The beginning: the whole answer has ${bytes(Bytes)}.`)];
}

/** Payloads once, where a message takes its form: compared with those that it was made of. */
function payloadOf(hop, payloads, told) {
  const messages = (hop.Messages ?? []).slice(0, MOST_MESSAGES);
  return messages.map((message, index) => {
    const payload = payloads.of(hop, message, index);
    if (!payload) {
      return isEntering(hop) && message.Bytes > 0 && serviceOf(hop.Resource) !== 's3' &&
        !payloads.any(message.Id) && h('p', {class: 'soft'}, NOT_KEPT);
    }
    if (told.has(payload)) return answerBox(payloads.answer(hop, message), told);
    const cause = payloads.any(message.Cause);
    told.add(payload);
    const isAlone = hop.Messages.length === 1;
    const before = cause && cause !== payload ? cause : isAlone ? told.last : undefined;
    told.last = payload;
    return [payloadBox(payload, before?.Whole ? before.Body : undefined),
      answerBox(payloads.answer(hop, message), told)];
  });
}

function hopItem(hop, id, payloads, told) {
  const target = ['dead-lettered', 'moved'].includes(hop.Kind) ? ' to ' : ' from ';
  return h('li', {class: isTrouble(hop.Kind) ? 'trouble' : ''},
    h('div', {class: 'head'}, h('span', {class: 'mono soft', title: time(hop.Time)},
      clock(hop.Time)), kindBadge(hop.Kind), h('strong', {}, `${WORDS[hop.Kind] ?? hop.Kind} `,
      resourceLink(hop.Resource)), hop.Peer && h('span', {}, target, resourceLink(hop.Peer)),
    hop.Caller && h('span', {class: 'soft'}, `by ${nameOf(hop.Caller)}`)),
    hop.Reason && h('p', {class: 'why'}, h('strong', {}, 'Why: '), hop.Reason),
    idsOf(hop, id), payloadOf(hop, payloads, told));
}

function lineOf(hops, id, payloads) {
  const told = new Set();
  const items = [];
  hops.forEach((hop, index) => {
    const wait = index > 0 ? seconds(hop.Time) - seconds(hops[index - 1].Time) : 0;
    if (wait >= LONG_WAIT) items.push(h('li', {class: 'wait'}, `${span(wait)} later`));
    items.push(hopItem(hop, id, payloads, told));
  });
  return h('ol', {class: 'journey', 'aria-label': 'Hops'}, items);
}

/** Under which id the message was last heard of at a queue. */
function idAt(arn, hops, id) {
  const here = hops.filter(({Resource, Peer}) => Resource === arn || Peer === arn);
  for (const {Messages = []} of here.reverse()) {
    const found = Messages.find((message) => [message.Id, message.Cause].includes(id)) ??
      (Messages.length === 1 ? Messages[0] : null);
    if (found) return found.Id;
  }
  return id;
}

/** Where it is now, and what would change that: asked of each queue that it came to. */
async function explain(hops, id) {
  const queues = [...new Set(hops.flatMap(({Resource, Peer}) => [Resource, Peer])
    .filter((arn) => serviceOf(arn) === 'sqs').map(wholeOf))];
  const answers = await Promise.all(queues.map(async (arn) => ({arn, ...await insight('POST',
    '/_matinee/why', {query: {queue: arn, message: idAt(arn, hops, id)}}).catch((error) => ({
    Sentences: [error.message]}))})));
  return answers.map(({arn, Sentences = [], Remedies = []}) => h('div', {class: 'card'},
    h('h2', {}, 'In ', resourceLink(arn)), h('ul', {class: 'sentences'},
      Sentences.map((text) => h('li', {}, text))),
    Remedies.length > 0 && [h('h3', {}, 'What would change that'), h('ul', {class: 'sentences'},
      Remedies.map((text) => h('li', {}, text)))]));
}

export function render(container, {id}) {
  const faults = h('div');
  const place = h('div');
  const now = h('div');
  container.append(h('div', {class: 'toolbar'}, h('h1', {}, 'Journey of ', h('code', {}, id)),
    h('span', {class: 'push'}),
    h('button', {type: 'button', class: 'small', onclick: async () => {
      await navigator.clipboard.writeText(`matinee trace ${id}`);
    }}, 'Copy as matinee trace')), faults,
  h('div', {class: 'grid2'}, place, now));
  let last = -1;
  const read = async () => {
    try {
      const {Hops = []} = await insight('GET', '/_matinee/trace', {query: {id,
        'max-items': 500}});
      if (Hops.length === last) return;
      last = Hops.length;
      if (Hops.length === 0) {
        replace(place, h('p', {class: 'empty'}, 'The journal knows nothing of this id. It keeps ',
          'the last 131,072 hops, and when there are very many only a sample of whole traces.'));
        return;
      }
      replace(place, lineOf(Hops, id, await readPayloads(id, Hops)));
      replace(now, await explain(Hops, id));
    } catch (error) {
      replace(faults, errorBox(error));
    }
  };
  read();
  return readAfterHops(read, 600);
}
