// What messages of a journey had in them, from the journal; and of those that it has not kept, from
// the queues where they still lie.
import {insight} from './api.js';
import {serviceOf} from './format.js';
import {wholeOf} from './hops.js';
import {encode} from './sign.js';

/** Kinds of hops at which a message takes its form at a resource. */
const ENTERING = ['sent', 'delivered', 'moved', 'invoked', 'refused', 'wrote', 'fired', 'dropped'];

export const isEntering = ({Kind}) => ENTERING.includes(Kind);

async function lyingIn(arn, ids) {
  const reply = await insight('GET', `/_matinee/queues/${encode(arn)}/messages`,
    {query: {'max-items': 500}}).catch(() => ({}));  // the queue is gone: so are its bodies
  return (reply.Messages ?? []).filter(({MessageId}) => ids.has(MessageId))
    .map(({MessageId, Body}) => ({Id: MessageId, Resource: arn, Body, Whole: true}));
}

/** At which of its ends a hop leaves its message: what moves is told where it was. */
const endsOf = ({Kind, Resource, Peer}) => (['dead-lettered', 'moved'].includes(Kind)
  ? [Peer, Resource] : [Resource, Peer]);

/** Kinds of hops that end a try of a call. */
const ENDING = ['invoked', 'put off', 'dropped'];

/** Reads the payloads of a journey -> {of(hop, message, index) and answer(hop, message) -> payload
 * or undefined}. A payload is {Id, Resource, Body, Bytes, Whole, Settings}. */
export async function readPayloads(id, hops) {
  const {Payloads = []} = await insight('GET', '/_matinee/payloads', {query: {id,
    'max-items': 500}});
  const known = new Map();
  const add = (payload) => {
    if (!known.has(payload.Id)) known.set(payload.Id, []);
    known.get(payload.Id).push(payload);
  };
  Payloads.filter(({Answer}) => !Answer).forEach(add);
  const answers = Payloads.filter(({Answer}) => Answer);
  const missing = new Map();
  for (const {Resource, Peer, Messages = []} of hops) {
    for (const arn of [Resource, Peer].filter((one) => serviceOf(one) === 'sqs')) {
      if (!missing.has(arn)) missing.set(arn, new Set());
      for (const {Id} of Messages) if (!known.has(Id)) missing.get(arn).add(Id);
    }
  }
  const lying = await Promise.all([...missing].filter(([, ids]) => ids.size > 0)
    .map(([arn, ids]) => lyingIn(arn, ids)));
  lying.flat().forEach(add);
  const of = (hop, message, index) => {
    const own = known.get(`#${hop.Number}/${index}`);
    if (own) return own[0];
    const found = known.get(message.Id) ?? [];
    const isAt = (arn) => ({Resource}) => arn && wholeOf(Resource) === wholeOf(arn);
    const [first, second] = endsOf(hop);
    return found.find(isAt(first)) ?? found.find(isAt(second));
  };
  const lastTries = new Map(hops.filter(({Kind}) => ENDING.includes(Kind))
    .flatMap((hop) => (hop.Messages ?? []).map(({Id}) => [`${Id} ${hop.Resource}`, hop])));
  // Of a call that was tried again the last answer is known.
  const answer = (hop, {Id}) => answers.find((one) => one.Id === Id &&
    one.Resource === hop.Resource && lastTries.get(`${Id} ${hop.Resource}`) === hop);
  return {of, answer, any: (wanted) => known.get(wanted)?.[0]};
}
