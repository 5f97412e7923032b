import {h, replace} from './dom.js';

let made = 0;

/** tabs({label, tabs: [{name, title, render(container) -> cleanup or nothing}], selected,
 * onSelect(name)}) -> element with `select(name)` and `leave()`, which runs the cleanup of the tab
 * that is open.
 * Arrow keys move between tabs. */
export function tabs({label, tabs: list, selected, onSelect = () => {}}) {
  made += 1;
  const panel = h('div', {role: 'tabpanel', id: `panel-${made}`, class: 'panel'});
  let leave = null;
  let current = '';
  const buttons = list.map(({name, title}) => h('button', {type: 'button', role: 'tab',
    id: `tab-${made}-${name}`, 'aria-controls': panel.id, onclick: () => element.select(name)},
  title));
  const bar = h('div', {role: 'tablist', 'aria-label': label, class: 'tabs', onkeydown: (event) => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key];
    if (!step) return;
    event.preventDefault();
    const at = list.findIndex((tab) => tab.name === current);
    const next = (at + step + list.length) % list.length;
    element.select(list[next].name);
    buttons[next].focus();
  }}, buttons);
  const element = h('div', {class: 'tabbed'}, bar, panel);
  element.leave = () => {
    if (leave) leave();
    leave = null;
  };
  element.select = (name) => {
    const tab = list.find((one) => one.name === name) ?? list[0];
    current = tab.name;
    element.leave();
    buttons.forEach((button, index) => {
      const isIt = list[index] === tab;
      button.setAttribute('aria-selected', String(isIt));
      button.tabIndex = isIt ? 0 : -1;
    });
    panel.setAttribute('aria-labelledby', `tab-${element.number}-${tab.name}`);
    replace(panel);
    leave = tab.render(panel) ?? null;
    onSelect(tab.name);
  };
  element.number = made;
  element.select(selected ?? list[0].name);
  return element;
}
