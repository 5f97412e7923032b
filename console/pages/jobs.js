// Runs of jobs (`matinee run movies`, `matinee publish`, `matinee run top-movies`), as they tell of
// themselves: those that go on with their progress, and what became of the others.
import {insight} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {count, seconds, span, time} from '../core/format.js';
import {errorBox} from '../core/widgets.js';

export const title = 'Jobs';

const PAUSE = 1000;  // runs tell once a second

const STATES = {running: ['', '▶ running'], done: ['good', '✓ done'],
  failed: ['bad', '✕ failed'], stopped: ['warn', '■ stopped']};

function badgeOf({State, Silent}) {
  const [kind, text] = Silent ? ['warn', '? silent'] : STATES[State] ?? ['', State];
  return h('span', {class: `badge ${kind}`}, text);
}

/** From 0 to 1, or nothing where nobody knows. */
const shareOf = ({Done, Total, Share}) => (Total ? Math.min(1, Done / Total) : Share);

function countsOf({Done, Total, Share, Unit = ''}) {
  if (Total !== undefined) return `${count(Done)} of ${count(Total)} ${Unit}`;
  const guess = Share === undefined ? '' : `, about ${Math.floor(Share * 100)} %`;
  return Done ? `${count(Done)} ${Unit}${guess}` : '';
}

const nameOf = ({Kind, Name}) => (Name ? `${Kind}: ${Name}` : Kind);

/** One run: an element that stays while the run goes on, and so does what is selected in it. */
class JobCard {
  constructor({Kind, Name, Region, StartedAt}) {
    this.badge = h('span');
    this.when = h('span', {class: 'soft push'});
    this.bar = h('progress', {max: '1', 'aria-label': `Progress of ${nameOf({Kind, Name})}`});
    this.counts = h('p', {class: 'mono'});
    this.doing = h('p');
    this.summary = h('pre', {tabindex: '0', 'aria-label': 'Summary'});
    this.begun = [StartedAt && `began ${time(StartedAt).slice(0, 19)}`, Region]
      .filter(Boolean).join(', ');
    this.element = h('li', {class: 'card'}, h('div', {class: 'toolbar'},
      h('h2', {}, nameOf({Kind, Name})), this.badge, this.when),
    this.bar, this.counts, this.doing, this.summary);
  }

  show(job, now) {
    const {State, StartedAt, ToldAt, Silent, Doing, Summary} = job;
    const isRunning = State === 'running';
    replace(this.badge, badgeOf(job));
    const took = StartedAt ? seconds(isRunning && !Silent ? now : ToldAt) - seconds(StartedAt) : 0;
    this.when.textContent = [this.begun, `${isRunning ? 'for' : 'took'} ${span(took)}`]
      .filter(Boolean).join(', ');
    const share = shareOf(job);
    this.bar.hidden = !isRunning || share === undefined;
    if (!this.bar.hidden) this.bar.value = share;
    this.counts.textContent = countsOf(job);
    this.doing.textContent = Silent
      ? `Nothing was heard for ${span(seconds(now) - seconds(ToldAt))}: its program was killed, ` +
        `or hangs. It was at: ${Doing ?? ''}`
      : isRunning ? Doing ?? '' : '';
    this.doing.hidden = this.doing.textContent === '';
    this.counts.hidden = this.counts.textContent === '';
    this.summary.hidden = !Summary;
    if (this.summary.textContent !== (Summary ?? '')) this.summary.textContent = Summary ?? '';
  }
}

class JobsPage {
  constructor(container) {
    this.trouble = h('div');
    this.none = h('p', {class: 'empty'}, 'Asking …');
    this.list = h('ol', {class: 'runs', hidden: true, 'aria-label': 'Runs, the last one first'});
    this.cards = new Map();
    container.append(h('h1', {}, 'Jobs'),
      h('p', {class: 'soft'}, 'Runs of ', h('code', {}, 'matinee run movies'), ', ',
        h('code', {}, 'matinee run top-movies'), ' and ', h('code', {}, 'matinee publish'),
        ' on this server since it was started, at most a hundred of them.'),
      this.trouble, this.none, this.list);
  }

  draw(jobs, now) {
    this.none.textContent = 'No job has run here yet: matinee run movies begins one.';
    this.none.hidden = jobs.length > 0;
    this.list.hidden = jobs.length === 0;
    const ids = new Set(jobs.map(({Id}) => Id));
    for (const [id, card] of this.cards) {
      if (ids.has(id)) continue;
      card.element.remove();
      this.cards.delete(id);
    }
    // From the last to the first: each new one stands above those that began before it.
    for (const job of [...jobs].reverse()) {
      if (!this.cards.has(job.Id)) {
        this.cards.set(job.Id, new JobCard(job));
        this.list.prepend(this.cards.get(job.Id).element);
      }
      this.cards.get(job.Id).show(job, now);
    }
  }

  async read() {
    try {
      const {Jobs = [], Now} = await insight('GET', '/_matinee/jobs');
      this.draw(Jobs, Now);
      replace(this.trouble);
    } catch (error) {
      this.none.textContent = 'Jobs cannot be listed.';
      replace(this.trouble, errorBox(error));
    }
  }
}

export function render(container) {
  const page = new JobsPage(container);
  let isReading = false;
  const read = async () => {
    if (isReading || document.hidden) return;
    isReading = true;
    await page.read();
    isReading = false;
  };
  read();
  const timer = setInterval(read, PAUSE);
  return () => clearInterval(timer);
}
