// Elements without a template language. Text becomes text nodes, so that nothing that a queue, a
// log or a name contains can ever be markup.

const SVG = 'http://www.w3.org/2000/svg';

const PROPERTIES = new Set(['value', 'checked', 'disabled', 'selected', 'readOnly', 'indeterminate',
  'open', 'hidden']);

function set(element, name, value) {
  if (value === undefined || value === null) return;
  if (name.startsWith('on') && typeof value === 'function') {
    element.addEventListener(name.slice(2).toLowerCase(), value);
  } else if (name === 'dataset') {
    Object.assign(element.dataset, value);
  } else if (name === 'style') {
    for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
  } else if (PROPERTIES.has(name) && !(element instanceof SVGElement)) {
    element[name] = value;
  } else if (value === true) {
    element.setAttribute(name, '');
  } else if (value !== false) {
    element.setAttribute(name, String(value));
  }
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

function fill(element, props, children) {
  append(element, children);
  // After the children: the value of a select needs its options.
  for (const [name, value] of Object.entries(props ?? {})) set(element, name, value);
  return element;
}

/** An element: h('button', {class: 'main', onclick: save}, 'Save'). Children are elements, texts,
 * numbers, lists of these; null and false are left out. */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function svg(tag, props, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

/** Replaces what `element` contains; returns it. */
export function replace(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/** Whether somebody types into `target`, so that letters are no shortcuts. */
export function isTyping(target) {
  return target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName));
}
