// Dead letters by what has brought them here; one, some or all go back to where they came from.
import {call, insight} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {age, count, nameOf} from '../core/format.js';
import {confirm, errorBox, table, toast} from '../core/widgets.js';
import {showMessage} from './queue_messages.js';

const MOST = 500;

/** Why each message came, by its id, as far as the journal still has it. */
async function reasonsAt(arn) {
  const {Hops = []} = await insight('GET', '/_matinee/trace',
    {query: {resource: arn, 'max-items': 1000}});
  const reasons = new Map();
  for (const {Kind, Reason, Messages = []} of Hops)
    if (Kind === 'dead-lettered') for (const {Id} of Messages) reasons.set(Id, Reason);
  return reasons;
}

function groupsOf(messages, reasons) {
  const groups = new Map();
  for (const message of messages) {
    const source = message.DeadLetterSource ?? '';
    const reason = reasons.get(message.MessageId) ??
      (source ? `received ${message.Receives} times and not deleted`
        : 'sent here by somebody, or so long ago that the journal has forgotten it');
    const key = `${source}\n${reason}`;
    if (!groups.has(key)) groups.set(key, {source, reason, messages: []});
    groups.get(key).messages.push(message);
  }
  return [...groups.values()].sort((a, b) => b.messages.length - a.messages.length);
}

export class Clinic {
  constructor(page, panel) {
    this.page = page;
    this.faults = h('div');
    this.progress = h('p', {role: 'status'});
    this.list = table({label: 'Dead letters by cause', columns: this.columns(),
      empty: 'No dead letters: nothing is in this queue.'});
    panel.append(h('p', {class: 'soft'}, 'Messages of this queue by what has brought them here. ',
      'Redriven ones go back, as new messages, to the queue that they were dead letters of.'),
    h('div', {class: 'toolbar'}, h('button', {type: 'button', onclick: () => this.redriveAll()},
      'Redrive the whole queue'), this.progress), this.faults, this.list);
  }

  columns() {
    const some = (group) => h('span', {class: 'row'},
      h('button', {type: 'button', class: 'small', onclick: () => this.redrive(group, 1)}, 'One'),
      group.messages.length > 10 && h('button', {type: 'button', class: 'small',
        onclick: () => this.redrive(group, 10)}, 'Ten'),
      h('button', {type: 'button', class: 'small',
        onclick: () => this.redrive(group, group.messages.length)}, 'All'));
    return [
      {title: 'Cause', render: (group) => group.reason},
      {title: 'From', render: (group) => (group.source ? nameOf(group.source) : '—')},
      {title: 'Messages', class: 'number', sort: (group) => group.messages.length,
        render: (group) => count(group.messages.length)},
      {title: 'Oldest', class: 'number', render: (group) => age(group.messages[0].SentAt)},
      {title: 'First of them', class: 'message-body', render: (group) => h('button', {
        type: 'button', class: 'small', onclick: () => showMessage(group.messages[0])},
      group.messages[0].Body.slice(0, 40) || '(empty)')},
      {title: 'Redrive', render: (group) => (group.source ? some(group) : '—')},
    ];
  }

  start() {
    this.isOpen = true;
    this.page.onChange = () => this.read();
    this.read();
    return () => {
      this.isOpen = false;
      this.page.onChange = () => {};
    };
  }

  async read() {
    if (this.isReading) {
      this.isDue = true;
      return;
    }
    this.isReading = true;
    try {
      const {Messages: messages = [], State} = await this.page.peek(undefined, MOST);
      this.arn = State.Arn;
      const groups = groupsOf(messages, await reasonsAt(State.Arn));
      this.list.setRows(groups);
    } catch (error) {
      replace(this.faults, errorBox(error));
    }
    this.isReading = false;
    if (this.isDue && this.isOpen) {
      this.isDue = false;
      this.read();
    }
  }

  async redrive(group, number) {
    try {
      await this.page.change('move', group.messages.slice(0, number).map(({Handle}) => Handle));
    } catch (error) {
      replace(this.faults, errorBox(error));
    }
  }

  async redriveAll() {
    const isSure = await confirm({title: 'Redrive the whole queue', action: 'Redrive',
      danger: false, text: 'A move task takes every visible message back to where it came from.'});
    if (!isSure) return;
    try {
      await call('sqs', 'StartMessageMoveTask', {SourceArn: this.arn});
      await this.watch();
    } catch (error) {
      replace(this.faults, errorBox(error));
    }
  }

  /** Tells how far the task is, until it ends. */
  async watch() {
    const {Results = []} = await call('sqs', 'ListMessageMoveTasks', {SourceArn: this.arn});
    const [task] = Results;
    if (!task || !this.isOpen) return;
    const moved = count(task.ApproximateNumberOfMessagesMoved);
    const whole = count(task.ApproximateNumberOfMessagesToMove ?? 0);
    this.progress.textContent = `${task.Status.toLowerCase()}: ${moved} of ${whole} moved` +
      (task.FailureReason ? `, ${task.FailureReason}` : '');
    if (task.Status === 'RUNNING') {
      setTimeout(() => this.watch().catch((error) => replace(this.faults, errorBox(error))), 500);
      return;
    }
    if (task.Status === 'COMPLETED') toast(`${moved} messages went back.`);
    this.read();
  }
}
