import {h, replace} from './dom.js';

const compare = (a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b
  : String(a ?? '').localeCompare(String(b ?? ''), 'en', {numeric: true}));

function cell(column, row) {
  const content = column.render ? column.render(row) : row[column.key];
  return h('td', {class: column.class, 'data-title': column.title}, content ?? '');
}

/** table({columns: [{title, key, render(row), sort(row) -> value, class}], rows, label, empty,
 * rowClass(row)}) -> element with `setRows(rows)`. Columns with a key or `sort` are sorted by a
 * click on their head. For more than some thousand rows use virtualList. */
export function table({columns, rows = [], label, empty = 'Nothing here.', rowClass}) {
  let shown = rows;
  let order = null;
  const body = h('tbody');
  const none = h('p', {class: 'empty'}, empty);
  const heads = columns.map((column) => {
    const value = column.sort ?? (column.key ? (row) => row[column.key] : null);
    const head = h('th', {scope: 'col', class: column.class});
    if (!value) return replace(head, column.title);
    return replace(head, h('button', {type: 'button', class: 'sort', onclick: () => {
      const down = order?.head === head && order.direction === 1;
      for (const other of heads) other.removeAttribute('aria-sort');
      order = {head, value, direction: down ? -1 : 1};
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      draw();
    }}, column.title));
  });
  const grid = h('table', {'aria-label': label}, h('thead', {}, h('tr', {}, heads)), body);
  const element = h('div', {class: 'table', tabindex: '0', role: 'region',
    'aria-label': label ?? 'Table'}, grid, none);
  function draw() {
    const sorted = order ? [...shown].sort((a, b) => order.direction *
      compare(order.value(a), order.value(b))) : shown;
    replace(body, sorted.map((row) => h('tr', {class: rowClass?.(row)},
      columns.map((column) => cell(column, row)))));
    none.hidden = shown.length > 0;
    grid.hidden = shown.length === 0;
  }
  element.setRows = (next) => {
    shown = next;
    draw();
  };
  draw();
  return element;
}

/** A list of any length of which only what is seen exists: virtualList({count, rowHeight (in
 * pixels), height (CSS), render(index) -> element, label}) -> element with setCount(count) and
 * refresh(). */
export function virtualList({count = 0, rowHeight = 28, height = '60vh', render, label}) {
  // Browsers end at some 16 million pixels: beyond, one of the bar is several of the list.
  const MOST = 8_000_000;
  let total = count;
  const rows = h('div', {class: 'virtual-rows', role: 'list', 'aria-label': label});
  const space = h('div', {class: 'virtual-space'}, rows);
  const element = h('div', {class: 'virtual', tabindex: '0', role: 'region', 'aria-label': label,
    style: {height}}, space);
  const draw = () => {
    const full = total * rowHeight;
    const size = Math.min(full, MOST);
    space.style.setProperty('height', `${size}px`);
    const seen = element.clientHeight || 600;
    const scale = size > seen ? (full - seen) / (size - seen) : 1;
    const first = Math.max(0, Math.floor(element.scrollTop * scale / rowHeight) - 3);
    const last = Math.min(total, first + Math.ceil(seen / rowHeight) + 8);
    const shift = size === full ? first * rowHeight : element.scrollTop;
    rows.style.setProperty('transform', `translateY(${shift}px)`);
    replace(rows, Array.from({length: Math.max(0, last - first)}, (_, step) =>
      h('div', {role: 'listitem', class: 'virtual-row', style: {height: `${rowHeight}px`},
        'aria-setsize': total, 'aria-posinset': first + step + 1}, render(first + step))));
  };
  let isDue = false;
  const later = () => {
    if (isDue) return;
    isDue = true;
    requestAnimationFrame(() => {
      isDue = false;
      draw();
    });
  };
  element.addEventListener('scroll', later, {passive: true});
  new ResizeObserver(later).observe(element);
  element.setCount = (next) => {
    total = next;
    draw();
  };
  element.refresh = draw;
  draw();
  return element;
}
