// The journey of one message: every hop from its sending to its end, with waits, payload where it
// lies, and why at each decision.
import {insight} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {bytes, clock, nameOf, pretty, seconds, serviceOf, span, time} from '../core/format.js';
import {isTrouble, kindBadge, resourceLink, wholeOf} from '../core/hops.js';
import {readAfterHops} from '../core/live.js';
import {link} from '../core/router.js';
import {encode} from '../core/sign.js';
import {errorBox} from '../core/widgets.js';

export const title = (params) => `Journey of ${params.id}`;

const LONG_WAIT = 0.5;  // seconds that are told between two hops

const WORDS = {sent: 'Sent to', matched: 'Taken by', 'not matched': 'Not taken by',
  delivered: 'Delivered to', 'put off': 'Not delivered yet to', dropped: 'Given up for',
  'dead-lettered': 'Dead letter of', received: 'Received from', hidden: 'Hidden in',
  returned: 'Visible again in', deleted: 'Deleted from', expired: 'Too old in',
  moved: 'Moved out of', invoked: 'Call of', wrote: 'Written to', fired: 'Fired by',
  refused: 'Refused by', duplicate: 'Known already to'};

/** The bodies that still lie in queues, by the message's id. */
async function bodiesOf(hops) {
  const wanted = new Map();
  for (const {Resource, Peer, Messages = []} of hops) {
    for (const arn of [Resource, Peer]) {
      if (serviceOf(arn) !== 'sqs') continue;
      if (!wanted.has(arn)) wanted.set(arn, new Set());
      for (const {Id} of Messages) wanted.get(arn).add(Id);
    }
  }
  const bodies = new Map();
  await Promise.all([...wanted].map(async ([arn, ids]) => {
    const reply = await insight('GET', `/_matinee/queues/${encode(arn)}/messages`,
      {query: {'max-items': 500}}).catch(() => ({}));  // the queue is gone: so are its bodies
    for (const message of reply.Messages ?? [])
      if (ids.has(message.MessageId)) bodies.set(message.MessageId, {...message, arn});
  }));
  return bodies;
}

function idsOf(hop, id) {
  return (hop.Messages ?? []).slice(0, 5).map((message) => h('div', {},
    message.Id === id ? h('strong', {class: 'mono'}, message.Id)
      : h('a', {href: link('journey', message.Id), class: 'mono'}, message.Id),
    message.Bytes ? h('span', {class: 'soft'}, ` ${bytes(message.Bytes)}`) : '',
    message.Cause ? h('span', {class: 'soft'}, ' caused by ', h('a', {class: 'mono',
      href: link('journey', message.Cause)}, message.Cause)) : ''));
}

/** A payload once: where it is the same as before, that is said instead. */
function payloadOf(hop, bodies, told) {
  const found = (hop.Messages ?? []).map(({Id}) => bodies.get(Id)).find((message) => message &&
    (message.arn === hop.Resource || message.arn === hop.Peer));
  if (!found || told.seen.has(found.MessageId)) return '';
  told.seen.add(found.MessageId);
  const text = pretty(found.Body);
  const isSame = told.last === text;
  const wasThere = told.last !== undefined;
  told.last = text;
  if (isSame) return h('p', {class: 'soft'}, 'The payload has not changed.');
  return [wasThere && h('p', {class: 'soft'}, 'The payload has become:'),
    h('pre', {tabindex: '0', 'aria-label': 'Payload'}, text)];
}

function hopItem(hop, id, bodies, told) {
  const target = ['dead-lettered', 'moved'].includes(hop.Kind) ? ' to ' : ' from ';
  return h('li', {class: isTrouble(hop.Kind) ? 'trouble' : ''},
    h('div', {class: 'head'}, h('span', {class: 'mono soft', title: time(hop.Time)},
      clock(hop.Time)), kindBadge(hop.Kind), h('strong', {}, `${WORDS[hop.Kind] ?? hop.Kind} `,
      resourceLink(hop.Resource)), hop.Peer && h('span', {}, target, resourceLink(hop.Peer)),
    hop.Caller && h('span', {class: 'soft'}, `by ${nameOf(hop.Caller)}`)),
    hop.Reason && h('p', {class: 'why'}, h('strong', {}, 'Why: '), hop.Reason),
    idsOf(hop, id), payloadOf(hop, bodies, told));
}

function lineOf(hops, id, bodies) {
  const told = {seen: new Set(), last: undefined};
  const items = [];
  hops.forEach((hop, index) => {
    const wait = index > 0 ? seconds(hop.Time) - seconds(hops[index - 1].Time) : 0;
    if (wait >= LONG_WAIT) items.push(h('li', {class: 'wait'}, `${span(wait)} later`));
    items.push(hopItem(hop, id, bodies, told));
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
      replace(place, lineOf(Hops, id, await bodiesOf(Hops)));
      replace(now, await explain(Hops, id));
    } catch (error) {
      replace(faults, errorBox(error));
    }
  };
  read();
  return readAfterHops(read, 600);
}
