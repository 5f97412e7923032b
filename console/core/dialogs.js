import {h} from './dom.js';
import {errorBox} from './errors.js';

/** dialog({title, body, actions: [{text, kind: 'main' | 'danger', run}]}) -> {close}. `run` may be
 * async; the dialog closes when it is done, unless it returned false, and shows what it throws.
 * Escape closes it. */
export function dialog({title, body, actions = [], wide = false}) {
  const before = document.activeElement;
  const trouble = h('div', {class: 'trouble'});
  const close = () => element.close();
  const buttons = actions.map(({text, kind = '', run}) => h('button', {type: 'button', class: kind,
    onclick: async (event) => {
      trouble.replaceChildren();
      event.target.disabled = true;
      try {
        if (await run() !== false) close();
      } catch (error) {
        trouble.append(errorBox(error));
      }
      event.target.disabled = false;
    }}, text));
  const element = h('dialog', {class: wide ? 'wide' : '', 'aria-label': title},
    h('h2', {}, title), h('div', {class: 'dialog-body'}, body), trouble,
    h('div', {class: 'actions'}, buttons,
      h('button', {type: 'button', onclick: close}, actions.length ? 'Cancel' : 'Close')));
  element.addEventListener('close', () => {
    element.remove();
    before?.focus?.();
  });
  document.body.append(element);
  element.showModal();
  return {close, element};
}

/** confirm({title, text, action, danger}) -> Promise<boolean>. */
export function confirm({title, text, action = 'Continue', danger = true}) {
  return new Promise((resolve) => {
    let answer = false;
    const {element} = dialog({title, body: h('p', {}, text), actions: [{text: action,
      kind: danger ? 'danger' : 'main', run: () => {
        answer = true;
      }}]});
    element.addEventListener('close', () => resolve(answer));
  });
}

/** A line that goes by itself; `kind` is 'done' or 'failed'. */
export function toast(text, kind = 'done') {
  const line = h('div', {class: `toast ${kind}`}, kind === 'failed' ? '✕ ' : '✓ ', text);
  document.getElementById('toasts').append(line);
  setTimeout(() => line.remove(), kind === 'failed' ? 8000 : 4000);
}
