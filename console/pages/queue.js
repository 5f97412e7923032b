// One queue: its messages, what can be done with them, and what it is like.
import {call, insight} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {age, count, nameOf, setNow} from '../core/format.js';
import {wholeOf} from '../core/hops.js';
import {onHops} from '../core/live.js';
import {link} from '../core/router.js';
import {encode} from '../core/sign.js';
import {confirm, errorBox, tabs, toast} from '../core/widgets.js';
import {Clinic} from './queue_clinic.js';
import {Messages} from './queue_messages.js';
import {renderSend} from './queue_send.js';
import {renderSettings} from './queue_settings.js';

export const title = (params) => params.name;

/** What the tabs of the page share. */
class QueuePage {
  constructor(name) {
    this.name = name;
    this.state = null;
    this.onChange = () => {};
    this.figures = h('dl', {class: 'facts'});
    this.faults = h('div');
  }

  path() {
    return `/_matinee/queues/${encode(this.name)}/messages`;
  }

  async url() {
    this.knownUrl ??= (await call('sqs', 'GetQueueUrl', {QueueName: this.name})).QueueUrl;
    return this.knownUrl;
  }

  async peek(after, most = 100) {
    const page = await insight('GET', this.path(), {query: {after, 'max-items': most}});
    this.state = page.State;
    setNow(page.Now);
    this.showFigures();
    return page;
  }

  /** Deletes or moves; says how many were gone already. */
  async change(action, handles, target) {
    const reply = await insight('POST', this.path(), {query: {action, target},
      body: {Handles: handles}});
    const gone = reply.Gone?.length ?? 0;
    const verb = action === 'delete' ? 'deleted' : 'moved';
    toast(`${count(reply.Done)} ${verb}${gone ? `, ${count(gone)} were gone already` : ''}.`);
    this.onChange();
  }

  async purge() {
    const isSure = await confirm({title: 'Purge the queue', action: 'Purge',
      text: `All messages of ${this.name} will be deleted, those in flight too.`});
    if (!isSure) return;
    try {
      await call('sqs', 'PurgeQueue', {QueueUrl: await this.url()});
      toast('Purged.');
    } catch (error) {
      replace(this.faults, errorBox(error));
    }
    this.onChange();
  }

  showFigures() {
    const {Visible, InFlight, Delayed, OldestSent, DeadLetterTarget, MaxReceives, Fifo} =
      this.state;
    const facts = [['Visible', count(Visible)], ['In flight', count(InFlight)],
      ['Delayed', count(Delayed)], ['Oldest', OldestSent ? age(OldestSent) : '—'],
      ['Kind', Fifo ? 'FIFO' : 'standard'], ['Dead letters', DeadLetterTarget
        ? h('span', {}, h('a', {href: link('queues', nameOf(DeadLetterTarget))},
          nameOf(DeadLetterTarget)), ` after ${MaxReceives} receives`) : 'none']];
    replace(this.figures, facts.map(([name, value]) => h('div', {}, h('dt', {}, name),
      h('dd', {}, value))));
  }
}

export function render(container, {name, query}) {
  const page = new QueuePage(name);
  container.append(h('div', {class: 'toolbar'}, h('h1', {}, name),
    h('span', {class: 'soft'}, 'queue'),
    h('button', {type: 'button', class: 'danger push', onclick: () => page.purge()}, 'Purge')),
  page.figures, page.faults);
  const selected = query.get('tab') ?? 'messages';
  const tabbed = tabs({label: 'Views of the queue', selected, tabs: [
    {name: 'messages', title: 'Messages', render: (panel) => new Messages(page, panel).start()},
    {name: 'clinic', title: 'Dead-letter clinic',
      render: (panel) => new Clinic(page, panel).start()},
    {name: 'send', title: 'Send', render: (panel) => renderSend(page, panel)},
    {name: 'settings', title: 'Settings', render: (panel) => renderSettings(page, panel)}]});
  container.append(tabbed);
  const stop = onHops(({edges}) => {
    const isHere = ({Resource, Peer}) => [Resource, Peer].map(wholeOf)
      .some((arn) => arn.startsWith('arn:aws:sqs:') && arn.endsWith(`:${name}`));
    if (edges.some(isHere)) page.onChange();
  });
  return () => {
    stop();
    tabbed.leave();
  };
}
