// What refers to what within a stack, as a picture.
import {h, svg} from '../core/dom.js';

const WIDTH = 210;
const HEIGHT = 46;
const GAP_X = 60;
const GAP_Y = 18;

function referencesIn(text, names) {
  const found = new Set();
  const signs = [/(?:!Ref|!GetAtt|DependsOn:)\s+["']?([A-Za-z0-9]+)/g,
    /"?(?:Ref|Fn::GetAtt|DependsOn)"?\s*:\s*\[?\s*["']?([A-Za-z0-9]+)/g,
    /\$\{([A-Za-z0-9]+)[.}]/g, /^\s*-\s+["']?([A-Za-z0-9]+)["']?\s*$/gm];
  for (const sign of signs)
    for (const [, name] of text.matchAll(sign)) if (names.has(name)) found.add(name);
  return found;
}

/** The text of each resource of a template in YAML: what stands further in below its name. */
function sectionsOfYaml(template, names) {
  const lines = template.split('\n');
  const sections = new Map();
  for (let at = 0; at < lines.length; ++at) {
    const found = /^(\s+)["']?([A-Za-z0-9]+)["']?:\s*$/.exec(lines[at]);
    if (!found || !names.has(found[2]) || sections.has(found[2])) continue;
    const [, indent, name] = found;
    let end = at + 1;
    const isInside = (line) => line.trim() === '' || line.search(/\S/) > indent.length;
    while (end < lines.length && isInside(lines[end])) end += 1;
    sections.set(name, lines.slice(at + 1, end).join('\n'));
  }
  return sections;
}

function sectionsOf(template, names) {
  try {
    const {Resources = {}} = JSON.parse(template);
    return new Map(Object.entries(Resources).map(([name, resource]) =>
      [name, JSON.stringify(resource, null, 1)]));
  } catch {
    return sectionsOfYaml(template, names);
  }
}

/** [{from, to}]: `from` refers to `to`. */
export function edgesOf(template, names) {
  const all = new Set(names);
  const edges = [];
  for (const [from, text] of sectionsOf(template, all))
    for (const to of referencesIn(text, all))
      if (to !== from && all.has(from)) edges.push({from, to});
  return edges;
}

/** How many steps each is from what refers to nothing. */
function layersOf(names, edges) {
  const layers = new Map(names.map((name) => [name, 0]));
  // A template has no circles; the bound holds also for what only looks like a reference.
  for (let round = 0, isDone = false; !isDone && round < names.length; ++round) {
    isDone = true;
    for (const {from, to} of edges) {
      if (layers.get(from) > layers.get(to)) continue;
      layers.set(from, layers.get(to) + 1);
      isDone = false;
    }
  }
  return layers;
}

function placesOf(names, edges) {
  const layers = layersOf(names, edges);
  const used = new Map();
  return new Map([...names].sort().map((name) => {
    const layer = layers.get(name);
    const row = used.get(layer) ?? 0;
    used.set(layer, row + 1);
    return [name, {x: layer * (WIDTH + GAP_X) + 4, y: row * (HEIGHT + GAP_Y) + 4}];
  }));
}

const short = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function boxOf({name, type, sign, href}, {x, y}) {
  const box = svg('g', {class: 'graph-node', transform: `translate(${x} ${y})`},
    svg('title', {}, `${name}, ${type}`),
    svg('rect', {width: WIDTH, height: HEIGHT, rx: 6}),
    svg('text', {x: 10, y: 19, class: 'graph-name'}, `${sign} ${short(name, 24)}`),
    svg('text', {x: 10, y: 36, class: 'graph-type'}, short(type.replace('AWS::', ''), 30)));
  return href ? svg('a', {href}, box) : box;
}

/** A picture of resources [{name, type, sign, href}] and their references. */
export function graph(resources, edges) {
  const names = resources.map(({name}) => name);
  const places = placesOf(names, edges);
  const all = [...places.values()];
  const width = Math.max(...all.map(({x}) => x)) + WIDTH + 8;
  const height = Math.max(...all.map(({y}) => y)) + HEIGHT + 8;
  const lines = edges.map(({from, to}) => {
    const start = places.get(to);
    const end = places.get(from);
    const [x1, y1, x2, y2] = [start.x + WIDTH, start.y + HEIGHT / 2, end.x, end.y + HEIGHT / 2];
    return svg('path', {class: 'graph-edge', 'marker-end': 'url(#graph-arrow)',
      d: `M${x1} ${y1} C${x1 + GAP_X / 2} ${y1} ${x2 - GAP_X / 2} ${y2} ${x2 - 2} ${y2}`});
  });
  const arrow = svg('defs', {}, svg('marker', {id: 'graph-arrow', viewBox: '0 0 8 8', refX: 7,
    refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto'},
  svg('path', {d: 'M0 0L8 4L0 8z', class: 'graph-tip'})));
  return h('div', {class: 'graph', tabindex: '0', role: 'region',
    'aria-label': 'Graph of resources'},
    svg('svg', {width, height, viewBox: `0 0 ${width} ${height}`}, arrow, lines,
      resources.map((one) => boxOf(one, places.get(one.name)))));
}
