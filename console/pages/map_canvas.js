// The drawing of the map: columns from what causes to what is caused, always the same for the same
// resources; and dots that move along its edges.
import {h, replace, svg} from '../core/dom.js';

const WIDTH = 190;
const HEIGHT = 84;
const GAP_X = 90;
const GAP_Y = 18;
const MOST_DOTS = 80;
const TRAVEL = 900;  // milliseconds on an edge

/** Columns: each node stands behind all that lead to it. Cycles are cut where they are found. */
function columnsOf(nodes, edges) {
  const column = new Map();
  const before = new Map(nodes.map(({id}) => [id, []]));
  for (const {from, to} of edges) before.get(to).push(from);
  const place = (id, seen) => {
    if (column.has(id)) return column.get(id);
    if (seen.has(id)) return -1;
    seen.add(id);
    const found = before.get(id).reduce((most, one) => Math.max(most, place(one, seen) + 1), 0);
    seen.delete(id);
    column.set(id, found);
    return found;
  };
  for (const {id} of nodes) place(id, new Set());
  return {column, before};
}

const ORDER = ['bucket', 'table', 'schedule', 'bus', 'topic', 'rule', 'queue', 'function',
  'elsewhere'];

/** {places: Map of id -> {x, y}, width, height}. What no edge touches stands below, in rows. */
function layOut({nodes, edges}) {
  const touched = new Set(edges.flatMap(({from, to}) => [from, to]));
  const sorted = [...nodes].sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) ||
    (a.name < b.name ? -1 : 1));
  const {column, before} = columnsOf(sorted, edges);
  const places = new Map();
  const columns = [];
  for (const node of sorted.filter(({id}) => touched.has(id)))
    (columns[column.get(node.id)] ??= []).push(node);
  let height = 0;
  columns.forEach((list = [], index) => {
    const middle = (node) => {
      const ys = before.get(node.id).map((id) => places.get(id)?.y).filter((y) => y !== undefined);
      return ys.length ? ys.reduce((sum, y) => sum + y, 0) / ys.length : 0;
    };
    const weighed = list.map((node, at) => ({node, at, y: middle(node)}))
      .sort((a, b) => a.y - b.y || a.at - b.at);
    let free = 0;
    for (const {node, y} of weighed) {
      const top = Math.max(free, y);
      places.set(node.id, {x: index * (WIDTH + GAP_X), y: top});
      free = top + HEIGHT + GAP_Y;
      height = Math.max(height, free);
    }
  });
  const wide = Math.max(columns.length, 4);
  sorted.filter(({id}) => !touched.has(id)).forEach((node, index) => {
    places.set(node.id, {x: (index % wide) * (WIDTH + GAP_X),
      y: height + Math.floor(index / wide) * (HEIGHT + GAP_Y)});
  });
  const all = [...places.values()];
  return {places, width: Math.max(...all.map(({x}) => x)) + WIDTH + 8,
    height: Math.max(...all.map(({y}) => y)) + HEIGHT + 8};
}

/** Where a line may pass the column at `x`, as near to `y` as there is room between its boxes. */
function gapNear(places, x, y) {
  const tops = [...places.values()].filter((place) => place.x === x).map((place) => place.y);
  const isFree = (at) => tops.every((top) => at < top - 4 || at > top + HEIGHT + 4);
  const gaps = [y, ...tops.flatMap((top) => [top - GAP_Y / 2, top + HEIGHT + GAP_Y / 2])];
  return gaps.filter(isFree).sort((a, b) => Math.abs(a - y) - Math.abs(b - y))[0] ?? y;
}

function pathOf(from, to, places) {
  const x1 = from.x + WIDTH;
  const y1 = from.y + HEIGHT / 2;
  const y2 = to.y + HEIGHT / 2;
  if (to.x > from.x) {
    let text = `M${x1} ${y1}`;
    let here = {x: x1, y: y1};
    const bendTo = (x, y) => {
      const bend = (x - here.x) / 2;
      text += ` C${here.x + bend} ${here.y} ${x - bend} ${y} ${x} ${y}`;
      here = {x, y};
    };
    for (let x = from.x + WIDTH + GAP_X; x < to.x; x += WIDTH + GAP_X) {
      const part = (x - x1) / (to.x - x1);
      bendTo(x, gapNear(places, x, y1 + (y2 - y1) * part));
      here = {x: x + WIDTH, y: here.y};
      text += ` H${here.x}`;
    }
    bendTo(to.x, y2);
    return text;
  }
  // Back to what stands before it: below both.
  const low = Math.max(from.y, to.y) + HEIGHT + 26;
  return `M${x1} ${y1} C${x1 + 60} ${low} ${to.x - 60} ${low} ${to.x} ${y2}`;
}

export class Canvas {
  /** `edgeAction(edge)`: what a click on an edge does, or null where it does nothing. */
  constructor(topology, kinds, edgeAction = () => null) {
    this.edgeAction = edgeAction;
    this.marks = svg('g', {class: 'edge-marks'});
    const {places, width, height} = layOut(topology);
    this.boxes = new Map();
    this.paths = new Map();
    this.dots = [];
    this.isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.dotsPlace = svg('g', {class: 'dots'});
    const lines = topology.edges.map((edge) => this.lineOf(edge, places));
    const picture = svg('svg', {width, height, 'aria-hidden': 'true', class: 'map-lines'},
      svg('defs', {}, svg('marker', {id: 'arrow', viewBox: '0 0 8 8', refX: 8, refY: 4,
        markerWidth: 7, markerHeight: 7, orient: 'auto'}, svg('path', {d: 'M0 0L8 4L0 8z'}))),
      lines, this.marks, this.dotsPlace);
    const boxes = topology.nodes.map((node) => this.boxOf(node, places.get(node.id),
      kinds[node.kind]));
    this.element = h('div', {class: 'map', role: 'region', tabindex: '0',
      'aria-label': 'Resources and what leads to what'},
    h('div', {class: 'map-paper', style: {width: `${width}px`, height: `${height}px`}},
      picture, boxes));
  }

  lineOf(edge, places) {
    const path = svg('path', {d: pathOf(places.get(edge.from), places.get(edge.to), places),
      class: `edge${edge.isDeadLetter ? ' dead' : ''}`, 'marker-end': 'url(#arrow)'},
    svg('title', {}, edge.label));
    this.paths.set(`${edge.from} ${edge.to}`, path);
    const action = this.edgeAction(edge);
    // Lines are too thin to be hit.
    return action ? [path, svg('path', {d: path.getAttribute('d'), class: 'edge-hit',
      onclick: action}, svg('title', {}, `${edge.label}: faults`))] : path;
  }

  /** A flash in the middle of each of these edges, with a text that says why. */
  mark(edges) {
    replace(this.marks, edges.map(({from, to, text}) => {
      const path = this.paths.get(`${from} ${to}`);
      if (!path) return null;
      const {x, y} = path.getPointAtLength(path.getTotalLength() / 2);
      return svg('text', {x, y: y + 6, class: 'edge-mark', 'text-anchor': 'middle'}, '⚡',
        svg('title', {}, text));
    }));
  }

  boxOf(node, {x, y}, kind) {
    const figures = h('span', {class: 'figures'});
    const box = h(node.href ? 'a' : 'div', {class: `node ${node.kind}`, href: node.href || null,
      title: node.id, style: {left: `${x}px`, top: `${y}px`, width: `${WIDTH}px`,
        height: `${HEIGHT}px`}},
    h('span', {class: 'kind'}, kind), h('span', {class: 'name'}, node.name), figures);
    this.boxes.set(node.id, {box, figures});
    return box;
  }

  /** What stands in a box. */
  tell(id, {lines, errors, isIdle}) {
    const {box, figures} = this.boxes.get(id) ?? {};
    if (!box) return;
    const text = lines.join(' · ');
    if (figures.textContent !== text) replace(figures, text);
    box.classList.toggle('idle', isIdle);
    box.classList.toggle('failing', errors > 0);
  }

  /** Lets `number` messages move from one resource to another; from or to outside, the box lights
   * up. */
  move(from, to, number, isTrouble) {
    const path = this.paths.get(`${from} ${to}`);
    if (!path || this.isStill) {
      this.light(path ?? this.boxes.get(to || from)?.box);
      return;
    }
    for (let i = 0; i < number && this.dots.length < MOST_DOTS; i += 1) {
      const dot = svg('circle', {r: isTrouble ? 5.5 : 4.5, class: isTrouble ? 'dot bad' : 'dot'});
      this.dotsPlace.append(dot);
      this.dots.push({dot, path, length: path.getTotalLength(),
        start: performance.now() + i * 90});
    }
    if (this.dots.length > 0 && !this.frame) this.step();
  }

  light(element) {
    if (!element) return;
    element.classList.add('lit');
    clearTimeout(element.lightTimer);
    element.lightTimer = setTimeout(() => element.classList.remove('lit'), 400);
  }

  step() {
    this.frame = requestAnimationFrame((now) => {
      this.dots = this.dots.filter(({dot, path, length, start}) => {
        const part = (now - start) / TRAVEL;
        if (part >= 1) {
          dot.remove();
          return false;
        }
        const {x, y} = path.getPointAtLength(Math.max(0, part) * length);
        dot.setAttribute('cx', x);
        dot.setAttribute('cy', y);
        return true;
      });
      this.frame = null;
      if (this.dots.length > 0) this.step();
    });
  }

  stop() {
    if (this.frame) cancelAnimationFrame(this.frame);
    this.frame = null;
    this.dots = [];
    replace(this.dotsPlace);
  }
}
