// The messages of a queue, without receiving any: each with the reason why it is not visible.
import {h, replace} from '../core/dom.js';
import {age, bytes, count, pretty, time} from '../core/format.js';
import {link} from '../core/router.js';
import {account} from '../core/session.js';
import {confirm, copyAs, dialog, errorBox, field, table} from '../core/widgets.js';

const STATES = {visible: ['●', 'good'], delayed: ['◔', 'warn'], 'in flight': ['✈', 'warn'],
  'behind its group': ['‖', 'warn']};

export function stateBadge(state) {
  const [sign, tone] = STATES[state] ?? ['•', ''];
  return h('span', {class: `badge ${tone}`}, h('span', {'aria-hidden': 'true'}, `${sign} `), state);
}

/** Everything about one message. */
export function showMessage(message, actions = []) {
  const facts = [['State', stateBadge(message.State)], ['Sent', time(message.SentAt)],
    ['Kept until', time(message.ExpiresAt)], ['Receives', message.Receives],
    ['Visible at', time(message.VisibleAt)], ['Group', message.Group],
    ['Deduplication id', message.DeduplicationId], ['Sequence number', message.SequenceNumber],
    ['Sender', message.Sender], ['Trace', message.Trace],
    ['Dead letter of', message.DeadLetterSource]].filter(([, value]) => value || value === 0);
  dialog({title: `Message ${message.MessageId}`, wide: true, actions, body: [
    h('p', {}, message.Reason, ' ', h('a', {href: link('journey', message.MessageId),
      onclick: (event) => event.target.closest('dialog').close()}, 'Its journey')),
    h('dl', {class: 'facts'}, facts.map(([name, value]) => h('div', {}, h('dt', {}, name),
      h('dd', {}, value)))),
    h('h3', {}, `Body, ${bytes(new Blob([message.Body]).size)}`),
    h('pre', {tabindex: '0'}, pretty(message.Body)),
    message.Attributes && table({label: 'Attributes', rows: message.Attributes, columns: [
      {title: 'Attribute', key: 'Name'}, {title: 'Type', key: 'Type'},
      {title: 'Value', key: 'Value'}]})]});
}

export class Messages {
  constructor(page, panel) {
    this.page = page;
    this.chosen = new Set();
    this.after = [];  // handles at which earlier pages begin
    this.faults = h('div');
    this.filter = field({label: 'Show those that contain', type: 'search',
      oninput: () => this.show()});
    this.buttons = {
      remove: h('button', {type: 'button', class: 'danger', onclick: () => this.remove()},
        'Delete'),
      move: h('button', {type: 'button', onclick: () => this.move()}, 'Move…'),
      back: h('button', {type: 'button', onclick: () => this.turn(-1)}, '← Earlier'),
      on: h('button', {type: 'button', onclick: () => this.turn(1)}, 'Later →'),
    };
    this.number = h('span', {class: 'soft', role: 'status'});
    this.list = table({label: 'Messages', columns: this.columns(),
      empty: 'The queue has no such messages.'});
    panel.append(h('div', {class: 'toolbar'}, this.filter, this.buttons.remove, this.buttons.move,
      copyAs(() => ({service: 'sqs', operation: 'ReceiveMessage', params: {
        QueueUrl: `${location.origin}/${account()}/${page.name}`, MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All']}})),
      this.number, h('span', {class: 'push'}), this.buttons.back, this.buttons.on),
    this.faults, this.list);
  }

  columns() {
    return [
      {title: '✓', class: 'checks', render: (message) => h('input', {type: 'checkbox',
        'aria-label': `Choose message ${message.MessageId}`,
        checked: this.chosen.has(message.Handle), onchange: (event) => {
          if (event.target.checked) this.chosen.add(message.Handle);
          else this.chosen.delete(message.Handle);
          this.showChosen();
        }})},
      {title: 'State', key: 'State', render: (message) => stateBadge(message.State)},
      {title: 'Message', key: 'MessageId', render: (message) => h('button', {type: 'button',
        class: 'small mono', title: message.MessageId, onclick: () => showMessage(message)},
      message.MessageId.slice(0, 8))},
      {title: 'Body', class: 'message-body', render: (message) => message.Body.slice(0, 200)},
      {title: 'Why', render: (message) => message.Reason},
      {title: 'Group', key: 'Group'},
      {title: 'Receives', key: 'Receives', class: 'number'},
      {title: 'Age', class: 'number', sort: (message) => message.SentAt,
        render: (message) => age(message.SentAt)},
    ];
  }

  start() {
    let isDue = true;
    this.page.onChange = () => {
      isDue = true;
    };
    const timer = setInterval(() => {
      if (!isDue || document.hidden) return;
      isDue = false;
      this.read();
    }, 500);
    // Messages become visible by themselves.
    const slow = setInterval(() => this.page.onChange(), 3000);
    this.read();
    return () => {
      clearInterval(timer);
      clearInterval(slow);
      this.page.onChange = () => {};
    };
  }

  async read() {
    try {
      const {Messages: messages = [], Next} = await this.page.peek(this.after.at(-1));
      this.messages = messages;
      this.next = Next;
      replace(this.faults);
      const known = new Set(messages.map(({Handle}) => Handle));
      for (const handle of this.chosen) if (!known.has(handle)) this.chosen.delete(handle);
      this.show();
    } catch (error) {
      replace(this.faults, errorBox(error));
    }
  }

  show() {
    const part = this.filter.input.value.toLowerCase();
    const shown = (this.messages ?? []).filter((message) => !part ||
      [message.Body, message.MessageId, message.Group].some((text) =>
        text?.toLowerCase().includes(part)));
    const text = JSON.stringify(shown);
    // A table that is read or clicked at does not change under the hand without need.
    if (text !== this.shownText) this.list.setRows(shown);
    this.shownText = text;
    this.number.textContent = `${count(shown.length)} shown` + (this.next ? ', more follow' : '');
    this.buttons.back.disabled = this.after.length === 0;
    this.buttons.on.disabled = !this.next;
    this.showChosen();
  }

  showChosen() {
    for (const [name, word] of [['remove', 'Delete'], ['move', 'Move…']]) {
      const button = this.buttons[name];
      button.disabled = this.chosen.size === 0;
      button.textContent = this.chosen.size ? `${word} (${this.chosen.size})` : word;
    }
  }

  turn(step) {
    if (step > 0) this.after.push(this.next);
    else this.after.pop();
    this.chosen.clear();
    this.read();
  }

  async remove() {
    const isSure = await confirm({title: 'Delete messages', action: 'Delete',
      text: `${count(this.chosen.size)} chosen messages will be deleted.`});
    if (!isSure) return;
    try {
      await this.page.change('delete', [...this.chosen]);
      this.chosen.clear();
    } catch (error) {
      replace(this.faults, errorBox(error));
    }
  }

  move() {
    const target = field({label: 'To the queue (name or ARN)',
      hint: 'Left empty: back to the queue that each was a dead letter of.'});
    dialog({title: `Move ${count(this.chosen.size)} messages`, body: target, actions: [{
      text: 'Move', kind: 'main', run: async () => {
        await this.page.change('move', [...this.chosen], target.input.value || undefined);
        this.chosen.clear();
      }}]});
    target.input.focus();
  }
}
