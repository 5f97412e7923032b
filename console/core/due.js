// What will happen at times that are known: what services tell, and messages that come into sight.
import {insight} from './api.js';
import {seconds} from './format.js';
import {encode} from './sign.js';

const MOST = 100;
const MOST_QUEUES = 20;

async function hiddenIn({Name, Arn}) {
  const {Messages = []} = await insight('GET', `/_matinee/queues/${encode(Name)}/messages`,
    {query: {'max-items': MOST}});
  return Messages.filter(({VisibleAt}) => VisibleAt).map(({VisibleAt, MessageId, State}) => ({
    At: VisibleAt, Resource: Arn, Message: MessageId, What: State === 'delayed'
      ? 'a delayed message can be received' : 'a message in flight can be received again'}));
}

/** {due: [{At, What, Resource, Message}], complete}: the earliest first. */
export async function readDue() {
  const [{Due = [], Now, Complete}, {Queues = []}] = await Promise.all([
    insight('GET', '/_matinee/due', {query: {'max-items': MOST}}),
    insight('GET', '/_matinee/queues')]);
  const hiding = Queues.filter(({InFlight, Delayed}) => InFlight + Delayed > 0);
  const hidden = (await Promise.all(hiding.slice(0, MOST_QUEUES).map(hiddenIn))).flat()
    .filter(({At}) => seconds(At) > seconds(Now));
  const due = [...Due, ...hidden].sort((a, b) => seconds(a.At) - seconds(b.At));
  return {due: due.slice(0, MOST), now: Now,
    complete: Complete !== false && due.length <= MOST && hiding.length <= MOST_QUEUES};
}
