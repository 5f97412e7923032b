// The cloud as it was: a strip of snapshots.
import {insight} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {bytes, count, seconds, time} from '../core/format.js';
import {encode} from '../core/sign.js';
import {confirm, errorBox, field, toast} from '../core/widgets.js';

export const title = 'Snapshots';

const pathOf = (name) => `/_matinee/snapshots/${encode(name)}`;

/** 'before-2026-11-30-1012': a name for what is now. */
const nameOfNow = () => `before-${time(Date.now() / 1000).slice(0, 16)
  .replace(' ', '-').replace(':', '')}`;

class SnapshotsPage {
  constructor(container) {
    this.trouble = h('div');
    this.place = h('div', {}, h('p', {class: 'empty'}, 'Asking …'));
    this.name = field({label: 'Name', value: nameOfNow(),
      hint: 'Letters, digits, dots, hyphens and underscores'});
    this.save = h('button', {type: 'submit', class: 'main'}, 'Save the cloud as it is');
    container.append(h('h1', {}, 'Snapshots'),
      h('p', {class: 'soft'}, 'A snapshot is everything that this cloud holds at one moment: ',
        'queues with their messages, tables, buckets, what is due, and the journal.'),
      h('form', {class: 'toolbar', onsubmit: (event) => {
        event.preventDefault();
        this.saveNow();
      }}, this.name, this.save), this.trouble, this.place);
    this.read();
  }

  async change(work, text) {
    replace(this.trouble);
    try {
      await work();
      toast(text);
    } catch (error) {
      replace(this.trouble, errorBox(error));
    }
    await this.read();
  }

  async saveNow() {
    const name = this.name.input.value.trim();
    this.save.disabled = true;
    await this.change(() => insight('PUT', pathOf(name)), `${name} is saved.`);
    this.save.disabled = false;
    this.name.input.value = nameOfNow();
  }

  async remove(name) {
    if (!await confirm({title: `Delete ${name}`, action: 'Delete',
      text: 'The cloud as it is now stays; the snapshot cannot be had back.'})) return;
    await this.change(() => insight('DELETE', pathOf(name)), `${name} is deleted.`);
  }

  async restore(name) {
    if (!await confirm({title: `Restore ${name}`, action: 'Restore', text: 'The cloud becomes ' +
      'what it was then, and what has come since is gone, unless you save it before.'})) return;
    await this.change(() => insight('POST', `${pathOf(name)}/restore`),
      `The cloud is what it was when ${name} was saved.`);
  }

  itemOf({Name, Saved, Bytes, Bodies, Damage}) {
    const remove = h('button', {type: 'button', class: 'small danger',
      'aria-label': `Delete ${Name}`, onclick: () => this.remove(Name)}, 'Delete');
    if (Damage) {
      return h('li', {}, h('div', {class: 'card'}, h('h2', {}, Name),
        h('p', {}, h('span', {class: 'badge bad'}, '✕ damaged'), ` ${Damage}`), remove));
    }
    return h('li', {}, h('div', {class: 'card'}, h('h2', {}, Name),
      h('p', {class: 'mono'}, time(Saved).slice(0, 19)),
      h('p', {class: 'soft'}, `${bytes(Bytes)}, ${count(Bodies)} ` +
        `${Bodies === 1 ? 'body' : 'bodies'} in files`),
      h('div', {class: 'toolbar'}, h('button', {type: 'button', class: 'small',
        'aria-label': `Restore ${Name}`, onclick: () => this.restore(Name)}, '↶ Restore'),
      remove)));
  }

  async read() {
    try {
      const {Snapshots = []} = await insight('GET', '/_matinee/snapshots');
      const when = ({Saved}) => (Saved ? seconds(Saved) : 0);
      const sorted = [...Snapshots].sort((a, b) => when(a) - when(b));
      replace(this.place, sorted.length === 0
        ? h('p', {class: 'empty'}, 'There is no snapshot yet.')
        : h('ol', {class: 'strip', 'aria-label': 'Snapshots, the oldest first', tabindex: '0'},
          sorted.map((one) => this.itemOf(one))));
    } catch (error) {
      replace(this.place, h('p', {class: 'empty'}, 'Snapshots cannot be listed.'));
      replace(this.trouble, errorBox(error));
    }
  }
}

export function render(container) {
  new SnapshotsPage(container);
}
