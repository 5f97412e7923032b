import {h} from './dom.js';
import {parse, stringify} from './json.js';

let made = 0;

function inputOf({type = 'text', options, id, hintId, ...rest}) {
  const {value, rows = 5, ...props} = rest;
  const all = {...props, id, 'aria-describedby': hintId};
  if (options) {
    return h('select', {...all, value}, options.map((option) => {
      const {value: key, text} = typeof option === 'string' ? {value: option} : option;
      return h('option', {value: key}, text ?? key);
    }));
  }
  if (type === 'checkbox') return h('input', {...all, type, checked: Boolean(value)});
  const text = {...all, value: value ?? '', spellcheck: 'false'};
  return type === 'textarea' ? h('textarea', {...text, rows}) : h('input', {...text, type});
}

/** field({label, type, value, options, hint, ...properties of the input}) -> element; its `input`
 * is the input, select (with `options`: texts or {value, text}) or textarea (type 'textarea'). */
export function field({label, hint, ...props}) {
  made += 1;
  const id = `field-${made}`;
  const hintId = hint ? `${id}-hint` : undefined;
  const input = inputOf({...props, id, hintId});
  const name = h('label', {for: id}, label);
  const isBox = props.type === 'checkbox';
  const element = h('div', {class: `field${isBox ? ' box' : ''}`},
    isBox ? [input, name] : [name, input], hint && h('small', {id: hintId}, hint));
  element.input = input;
  return element;
}

/** A text that has to be JSON: field's properties, and element.read(), which gives the value or
 * throws an Error that says what is wrong. `element.text()` is what stands there. */
export function jsonEditor({label, value = '', rows = 10, hint, onInput = () => {}}) {
  const text = typeof value === 'string' ? value : stringify(value, 2);
  const element = field({label, hint, type: 'textarea', value: text, rows, class: 'code'});
  const fault = h('small', {class: 'fault', role: 'status'});
  const {input} = element;
  element.read = () => parse(input.value);
  element.text = () => input.value;
  element.set = (next) => {
    input.value = typeof next === 'string' ? next : stringify(next, 2);
    check();
  };
  const check = () => {
    try {
      element.read();
      fault.textContent = '';
      input.removeAttribute('aria-invalid');
    } catch (error) {
      fault.textContent = input.value.trim() ? error.message : '';
      input.setAttribute('aria-invalid', 'true');
    }
  };
  input.addEventListener('input', () => {
    check();
    onInput(element);
  });
  element.append(fault, h('button', {type: 'button', class: 'small', onclick: () => {
    try {
      element.set(element.read());
    } catch {
      check();
    }
  }}, 'Format'));
  return element;
}
