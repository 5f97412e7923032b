// What hops are called, and what they lead to.
import {h} from './dom.js';
import {nameOf, serviceOf} from './format.js';
import {link} from './router.js';

// A sign beside each word, so that no colour has to be told from another.
const KINDS = {
  sent: ['→', ''], matched: ['✓', 'good'], 'not matched': ['≠', 'warn'], delivered: ['⇥', 'good'],
  'put off': ['↻', 'warn'], 'dead-lettered': ['☠', 'bad'], dropped: ['✕', 'bad'],
  received: ['⇤', ''], hidden: ['◌', ''], returned: ['↩', 'warn'], deleted: ['✓', 'good'],
  expired: ['⌛', 'warn'], moved: ['⇢', ''], invoked: ['ƒ', ''], wrote: ['✎', 'good'],
  fired: ['⏰', ''], refused: ['✕', 'bad'], duplicate: ['≡', 'warn'], fault: ['⚡', 'bad'],
};

export const isTrouble = (kind) => ['put off', 'dead-lettered', 'dropped', 'refused', 'fault']
  .includes(kind);

/** The word of a kind as a badge. */
export function kindBadge(kind) {
  const [sign, tone] = KINDS[kind] ?? ['•', ''];
  return h('span', {class: `badge ${tone}`}, h('span', {'aria-hidden': 'true'}, `${sign} `), kind);
}

/** A topic's ARN of a subscription's; all others as they are. */
export function wholeOf(arn) {
  const parts = (arn ?? '').split(':');
  if (parts[2] === 'sns' && parts.length > 6) return parts.slice(0, 6).join(':');
  if (parts[2] === 'lambda' && parts.length > 7) return parts.slice(0, 7).join(':');
  if (parts[2] === 'dynamodb') return (arn ?? '').replace(/\/stream\/.*/, '');
  return arn ?? '';
}

/** Where the console shows the resource; '' where it does not. */
export function pageOf(arn) {
  const whole = wholeOf(arn);
  const name = nameOf(whole);
  switch (serviceOf(whole)) {
    case 'sqs': return link('queues', name);
    case 'sns': return link('topics', name);
    case 'lambda': return link('functions', name);
    case 's3': return link('buckets', name.split('/')[0]);
    case 'dynamodb': return link('tables', name.split('/')[0]);
    case 'events': {
      const [bus, rule] = name.split('/');
      if (!whole.includes(':rule/')) return link('rules');
      return rule ? link('rules', bus, rule) : link('rules', 'default', bus);
    }
    default: return '';
  }
}

/** The resource's name, as a link where there is a page for it. */
export function resourceLink(arn) {
  if (!arn) return '';
  const page = pageOf(arn);
  const name = nameOf(wholeOf(arn));
  return page ? h('a', {href: page, title: arn}, name) : h('span', {title: arn}, name);
}

/** Which way something goes in a hop: {from, to}, ARNs of whole resources, '' for outside. */
export function wayOf({Kind, Resource, Peer}) {
  const here = wholeOf(Resource);
  const there = wholeOf(Peer);
  if (['dead-lettered', 'moved'].includes(Kind)) return {from: here, to: there};
  if (['delivered', 'put off', 'dropped', 'matched', 'not matched', 'invoked', 'wrote', 'fired']
    .includes(Kind)) return {from: there, to: here};
  if (Kind === 'sent') return {from: '', to: here};
  return {from: here, to: ''};
}
