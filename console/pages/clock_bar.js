// The clock of the cloud, above all pages: what time it is there, and moving it.
import {insight} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {readDue} from '../core/due.js';
import {nameOf, seconds, span, time} from '../core/format.js';
import {resourceLink} from '../core/hops.js';
import {link, show} from '../core/router.js';
import {onSetting} from '../core/session.js';
import {dialog, errorBox, table, toast} from '../core/widgets.js';

const CLOCK = '/_matinee/clock';
const ASK_EVERY = 5000;  // milliseconds
const SPANS = ['1m', '5m', '15m', '1h', '12h', '1d', '4d', '14d'];

/** Where the cloud's clock is now, of the last answer and of how long ago that was. */
function nowOf(state, at) {
  return seconds(state.Now) + (state.Paused ? 0 : (performance.now() - at) / 1000);
}

function aheadText(state) {
  const ahead = seconds(state.Now) - seconds(state.RealTime);
  return ahead > 1 ? `${span(ahead)} ahead` : '';
}

async function hopsAfter(last) {
  return insight('GET', '/_matinee/trace', {query: {after: last, 'max-items': 200}});
}

async function lastHop() {
  return (await insight('GET', '/_matinee/trace', {query: {'max-items': 1}})).Last ?? 0;
}

function showHops(hops) {
  dialog({title: 'What happened on the way', wide: true, body: table({label: 'What happened',
    empty: 'No message moved.', rows: hops, columns: [
      {title: 'Time', render: (hop) => time(hop.Time), sort: (hop) => hop.Time},
      {title: 'What', key: 'Kind'},
      {title: 'Resource', render: (hop) => nameOf(hop.Resource)},
      {title: 'With', render: (hop) => nameOf(hop.Peer)},
      {title: 'Why', key: 'Reason'}]})});
}

/** A word for what it is, with the way to its message, and whether the next timer leads there. */
function whatIsDue({What, Message, isNext}, close) {
  return [Message ? h('a', {href: link('journey', Message), onclick: close}, What) : What,
    isNext && [' ', h('span', {class: 'badge'}, 'next timer')]];
}

/** What is due, each with the way to it; `moveTo(time)` moves the clock there. */
async function showDue(moveTo) {
  const {due, now, complete} = await readDue();
  const {close} = dialog({title: 'What is due', wide: true, body: [table({label: 'What is due',
    empty: 'Nothing is due.', rows: due, columns: [
      {title: 'When', sort: ({At}) => seconds(At), class: 'mono',
        render: ({At}) => time(At).slice(0, 19)},
      {title: 'In', sort: ({At}) => seconds(At),
        render: ({At}) => span(seconds(At) - seconds(now))},
      {title: 'What', render: (row) => whatIsDue(row, () => close())},
      {title: 'Where', render: ({Resource}) => resourceLink(Resource)},
      {title: 'Go there', render: ({At}) => h('button', {type: 'button', class: 'small',
        'aria-label': `Move the clock to ${time(At).slice(0, 19)}`, onclick: () => {
          close();
          moveTo(At);
        }}, '» Move')}]}),
  !complete && h('p', {class: 'soft'}, 'There is more: these are the first.'),
  h('p', {class: 'soft'}, 'What has no place is what a service does for all that it has, for ',
    'other regions and accounts too. No timer is set for messages: whoever asks for them at that ',
    'time finds them, or finds them no more.')]});
}

/** Moves the clock to its goal: a call ends after some seconds of real time. */
async function move(query, isStopped) {
  let reply = await insight('POST', CLOCK, {query});
  let fired = reply.Fired ?? 0;
  while (reply.Complete === false && !isStopped()) {
    reply = await insight('POST', CLOCK, {query: reply.Goal ? {set: reply.Goal} : query});
    fired += reply.Fired ?? 0;
  }
  return {...reply, Fired: fired};
}

function parts() {
  const choices = h('datalist', {id: 'clock-spans'}, SPANS.map((value) => h('option', {value})));
  return {
    now: h('output', {class: 'clock-now mono', 'aria-label': 'Time of the cloud'}),
    state: h('span', {class: 'badge'}),
    next: h('button', {type: 'button', class: 'plain clock-next'}, 'timers'),
    switcher: h('button', {type: 'button', class: 'small'}, '‖ Pause'),
    step: h('button', {type: 'button', class: 'small'}, '⇥ Next timer'),
    span: h('input', {class: 'clock-span', list: 'clock-spans', value: '1h', spellcheck: 'false',
      'aria-label': 'How far to advance: 90s, 5m, 12h, 1d, 1d12h'}),
    advance: h('button', {type: 'button', class: 'small'}, '» Advance'),
    idle: h('button', {type: 'button', class: 'small'}, '⇥⇥ Run until idle'),
    stop: h('button', {type: 'button', class: 'small danger', hidden: true}, '■ Stop'),
    happened: h('button', {type: 'button', class: 'small', hidden: true}),
    trouble: h('div', {class: 'trouble'}),
    choices,
  };
}

function draw(bar, state, at) {
  bar.now.textContent = `${time(nowOf(state, at)).slice(0, 19)} UTC`;
  const ahead = aheadText(state);
  bar.state.textContent = (state.Paused ? '‖ time stands' : '▶ time runs') +
    (ahead ? `, ${ahead}` : '');
  bar.state.className = `badge ${state.Paused ? 'warn' : 'good'}`;
  bar.switcher.textContent = state.Paused ? '▶ Resume' : '‖ Pause';
  const wait = state.NextTimer ? seconds(state.NextTimer) - nowOf(state, at) : null;
  bar.next.textContent = wait === null ? 'no timer is set'
    : `next of ${state.Timers} timer${state.Timers === 1 ? '' : 's'} in ${span(wait)}`;
  bar.next.title = state.NextTimer ? time(state.NextTimer) : '';
  bar.step.disabled = wait === null;
}

class ClockBar {
  constructor(container) {
    this.bar = parts();
    this.state = null;
    const {bar} = this;
    const query = {advance: () => ({advance: bar.span.value.trim()}),
      step: () => ({action: 'next'}), idle: () => ({action: 'run-until-idle'})};
    for (const [name, of] of Object.entries(query))
      bar[name].addEventListener('click', () => this.move(of()));
    bar.span.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') bar.advance.click();
    });
    bar.switcher.addEventListener('click', () => this.try(() => insight('POST', CLOCK,
      {query: {action: this.state?.Paused ? 'resume' : 'pause'}})));
    bar.stop.addEventListener('click', () => {
      this.isStopped = true;
    });
    bar.happened.addEventListener('click', () => showHops(this.hops));
    bar.next.addEventListener('click', () => this.showDue());
    container.append(h('section', {class: 'clock-bar', 'aria-label': 'Clock'},
      bar.now, bar.state, bar.switcher, bar.step, bar.span, bar.advance, bar.idle, bar.stop,
      bar.happened, bar.next, bar.choices), bar.trouble);
    this.ask();
    // Who has just signed in need not wait.
    onSetting((name) => name === 'account' && this.ask());
    setInterval(() => document.hidden || this.ask(), ASK_EVERY);
    setInterval(() => document.hidden || !this.state || draw(bar, this.state, this.at), 1000);
  }

  take(state) {
    this.state = state;
    this.at = performance.now();
    draw(this.bar, state, this.at);
  }

  async ask() {
    if (this.isBusy) return;
    try {
      this.take(await insight('GET', CLOCK));
    } catch (error) {
      this.bar.state.textContent = `✕ ${error.message}`;
      this.bar.state.className = 'badge bad';
    }
  }

  async showDue() {
    replace(this.bar.trouble);
    try {
      await showDue((goal) => this.move({set: goal}));
    } catch (error) {
      replace(this.bar.trouble, errorBox(error));
    }
  }

  async try(work) {
    const {bar} = this;
    const buttons = [bar.switcher, bar.step, bar.advance, bar.idle];
    replace(bar.trouble);
    this.isBusy = true;
    for (const button of buttons) button.disabled = true;
    try {
      this.take(await work());
    } catch (error) {
      replace(bar.trouble, errorBox(error));
    }
    this.isBusy = false;
    for (const button of buttons) button.disabled = false;
    if (this.state) draw(bar, this.state, this.at);
  }

  move(query) {
    const {bar} = this;
    this.isStopped = false;
    bar.stop.hidden = false;
    return this.try(async () => {
      try {
        const last = await lastHop();
        const reply = await move(query, () => this.isStopped);
        this.hops = (await hopsAfter(last)).Hops ?? [];
        bar.happened.textContent = `${this.hops.length} hops: what happened`;
        bar.happened.hidden = this.hops.length === 0;
        toast(`It is ${time(reply.Now).slice(0, 19)}; timers that fired: ${reply.Fired}.`);
        show();
        return reply;
      } finally {
        bar.stop.hidden = true;
      }
    });
  }
}

export function render(container) {
  return new ClockBar(container);
}
