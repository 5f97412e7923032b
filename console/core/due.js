// What will happen at times that are known: what services tell, the timers of the clock, and
// messages that come into sight or expire, for which no timer is set.
import {insight} from './api.js';
import {seconds} from './format.js';
import {encode} from './sign.js';

const MOST = 100;
const MOST_QUEUES = 20;
/** The timer of a queue that somebody waits at: its message is a row of its own here. */
const SIGHT = 'a message comes into sight of somebody who waits';

const isHiding = ({InFlight, Delayed}) => InFlight + Delayed > 0;

/** The messages of a queue that are hidden, and when its oldest one expires. */
async function messagesOf(queue) {
  const {Messages = []} = await insight('GET', `/_matinee/queues/${encode(queue.Name)}/messages`,
    {query: {'max-items': isHiding(queue) ? MOST : 1}});
  const row = (At, {MessageId}, What) => ({At, Resource: queue.Arn, Message: MessageId, What});
  const rows = Messages.filter(({VisibleAt}) => VisibleAt).map((message) => row(
    message.VisibleAt, message, message.State === 'delayed'
      ? 'a delayed message can be received' : 'a message in flight can be received again'));
  const [oldest] = Messages;
  if (oldest) rows.push(row(oldest.ExpiresAt, oldest, 'the oldest message expires'));
  return rows;
}

/**
 * {due: [{At, What, Resource, Message, isNext}], now, complete}: the earliest first; `isNext` is
 * where the clock's next timer leads.
 */
export async function readDue() {
  const [{Due = [], Now, NextTimer, Complete}, {Queues = []}] = await Promise.all([
    insight('GET', '/_matinee/due', {query: {'max-items': MOST}}),
    insight('GET', '/_matinee/queues')]);
  const full = Queues.filter(({OldestSent}) => OldestSent)
    .sort((a, b) => Number(isHiding(b)) - Number(isHiding(a)));
  const messages = (await Promise.all(full.slice(0, MOST_QUEUES).map(messagesOf))).flat()
    .filter(({At}) => seconds(At) > seconds(Now));
  const times = new Set(messages.map(({At}) => seconds(At)));
  const timers = Due.filter(({At, What}) => What !== SIGHT || !times.has(seconds(At)));
  const due = [...timers, ...messages].sort((a, b) => seconds(a.At) - seconds(b.At))
    .map((row) => ({...row, isNext: NextTimer && seconds(row.At) === seconds(NextTimer)}));
  return {due: due.slice(0, MOST), now: Now,
    complete: Complete !== false && due.length <= MOST && full.length <= MOST_QUEUES};
}
