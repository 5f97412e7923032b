// The first page: what there is, and what goes on between it.
import {h, replace} from '../core/dom.js';
import {faultsOfEdge, faultsOn, readFaults} from '../core/faults.js';
import {isTrouble, wayOf} from '../core/hops.js';
import {age, count, setNow} from '../core/format.js';
import {insight} from '../core/api.js';
import {onHops} from '../core/live.js';
import {readTopology} from '../core/topology.js';
import {errorBox, table} from '../core/widgets.js';
import {openEdgeFaults} from './edge_faults.js';
import {Canvas} from './map_canvas.js';

export const title = 'Map';

const KINDS = {queue: 'Queue', topic: 'Topic', bus: 'Event bus', rule: 'Rule',
  schedule: 'Schedule', function: 'Function', bucket: 'Bucket', table: 'Table',
  elsewhere: 'Elsewhere'};
const WINDOW = 10;  // seconds over which rates are told
const TROUBLE_WINDOW = 60;

/** What has happened at each resource of late. */
class Activity {
  constructor() {
    this.counts = new Map();  // ARN -> [{at, count, isTrouble}]
  }

  add({Kind, Resource, Peer, Count}) {
    const {from, to} = wayOf({Kind, Resource, Peer});
    for (const id of new Set([from, to])) {
      if (!id) continue;
      if (!this.counts.has(id)) this.counts.set(id, []);
      this.counts.get(id).push({at: performance.now() / 1000, count: Count,
        isTrouble: isTrouble(Kind)});
    }
  }

  /** {rate a second, errors a minute}; both 0 of what is idle. */
  of(id) {
    const now = performance.now() / 1000;
    const kept = (this.counts.get(id) ?? []).filter(({at}) => at > now - TROUBLE_WINDOW);
    if (kept.length === 0) this.counts.delete(id);
    else this.counts.set(id, kept);
    const sum = (list) => list.reduce((total, one) => total + one.count, 0);
    return {rate: sum(kept.filter(({at}) => at > now - WINDOW)) / WINDOW,
      errors: sum(kept.filter((one) => one.isTrouble))};
  }
}

function figuresOf(node, {rate, errors}) {
  const {queue} = node;
  const lines = [];
  if (queue) {
    const depth = queue.Visible + queue.InFlight + queue.Delayed;
    lines.push(`${count(depth)} message${depth === 1 ? '' : 's'}` +
      (queue.InFlight ? `, ${count(queue.InFlight)} in flight` : ''));
    if (queue.OldestSent)
      lines.push(`oldest ${age(queue.OldestSent)}`);
  }
  if (rate > 0) lines.push(`${rate < 10 ? rate.toFixed(1) : count(Math.round(rate))}/s`);
  if (errors > 0) lines.push(`✕ ${count(errors)} failed`);
  if (node.isOff) lines.push('disabled');
  return lines;
}

/** What leads to what, for those who use no mouse. */
function edgesOf(topology, openFaults) {
  const nameOfNode = (wanted) => topology.nodes.find(({id}) => id === wanted)?.name;
  return table({label: 'All connections', rows: topology.edges, columns: [
    {title: 'From', sort: ({from}) => nameOfNode(from), render: ({from}) => nameOfNode(from)},
    {title: 'To', sort: ({to}) => nameOfNode(to), render: ({to}) => nameOfNode(to)},
    {title: 'By', key: 'label'},
    {title: 'Faults', render: (edge) => faultsOfEdge(edge) && h('button', {type: 'button',
      class: 'small', 'aria-label': `Faults from ${nameOfNode(edge.from)} to ` +
        nameOfNode(edge.to), onclick: () => openFaults(edge)}, 'Faults…')}]});
}

function listOf(topology, activity) {
  return table({label: 'All resources', rows: topology.nodes, columns: [
    {title: 'Kind', key: 'kind', render: (node) => KINDS[node.kind]},
    {title: 'Name', key: 'name', render: (node) => (node.href
      ? h('a', {href: node.href}, node.name) : node.name)},
    {title: 'Now', render: (node) => figuresOf(node, activity.of(node.id)).join(' · ')},
    {title: 'Leads to', render: (node) => topology.edges.filter(({from}) => from === node.id)
      .map(({to}) => topology.nodes.find(({id}) => id === to)?.name).join(', ')}]});
}

function welcome() {
  return h('div', {class: 'card'}, h('h2', {}, 'Nothing is here yet'),
    h('p', {}, 'Queues, topics, rules, schedules, functions, buckets and tables appear here as ',
      'soon as there are some in this region. For example:'),
    h('pre', {tabindex: '0'},
      `export AWS_ENDPOINT_URL=${location.origin}\naws sqs create-queue --queue-name orders\n` +
      'aws sqs send-message --queue-url orders --message-body hello'));
}

/** The page while it is shown. */
class MapPage {
  constructor(container) {
    this.activity = new Activity();
    this.faults = h('div');
    this.place = h('div', {class: 'map-place'});
    this.list = h('div');
    this.topology = {nodes: [], edges: [], faults: []};
    this.canvas = null;
    this.known = new Set();
    this.unknown = new Set();  // ids of hops that the map has no node for
    container.append(h('div', {class: 'toolbar'}, h('h1', {}, 'Map'),
      h('span', {class: 'soft push'}, 'Messages are dots on their way. What is idle fades.'),
      h('button', {type: 'button', onclick: () => this.read()}, 'Read again')),
    this.faults, this.place,
    h('details', {}, h('summary', {}, 'The same as a list'), this.list));
    this.stops = [onHops((piece) => this.take(piece))];
    const timer = setInterval(() => this.refresh(), 1000);
    this.stops.push(() => clearInterval(timer), () => this.canvas?.stop());
    this.read();
  }

  async read() {
    this.isReading = true;
    this.topology = await readTopology();
    this.isReading = false;
    this.known = new Set(this.topology.nodes.map(({id}) => id));
    // What is no resource of this region stays unknown: it is asked for once.
    for (const id of this.unknown) this.known.add(id);
    this.readAt = performance.now();
    replace(this.faults, this.topology.faults.map(errorBox));
    this.canvas?.stop();
    this.canvas = null;
    if (this.topology.nodes.length === 0) {
      replace(this.place, welcome());
    } else {
      this.canvas = new Canvas(this.topology, KINDS, (edge) => faultsOfEdge(edge) &&
        (() => this.openFaults(edge)));
      replace(this.place, this.canvas.element);
    }
    this.show();
    this.markFaults();
  }

  openFaults(edge) {
    openEdgeFaults(edge, () => this.markFaults());
  }

  async markFaults() {
    // Whoever may not ask for faults sees the map all the same.
    const {Faults} = await readFaults().catch(() => ({Faults: []}));
    this.canvas?.mark(this.topology.edges.map((edge) => ({...edge,
      text: faultsOn(edge, Faults).map(({Text}) => Text).join('; ')})).filter(({text}) => text));
  }

  show() {
    for (const node of this.topology.nodes) {
      const activity = this.activity.of(node.id);
      this.canvas?.tell(node.id, {lines: figuresOf(node, activity), errors: activity.errors,
        isIdle: activity.rate === 0 && !(node.queue?.Visible + node.queue?.InFlight > 0)});
    }
    // Whoever has the list open reads it: it changes only with what there is.
    if (!this.list.parentElement.open) {
      replace(this.list, listOf(this.topology, this.activity),
        this.topology.edges.length > 0 && edgesOf(this.topology, (edge) => this.openFaults(edge)));
    }
  }

  take({edges, hops}) {
    for (const edge of edges) {
      this.activity.add(edge);
      const {from, to} = wayOf(edge);
      this.canvas?.move(from, to, Math.min(edge.Count, 8), isTrouble(edge.Kind));
    }
    const ids = hops.flatMap((hop) => Object.values(wayOf(hop)));
    const unknown = ids.filter((id) => id && !this.known.has(id));
    for (const id of unknown) this.unknown.add(id);
    if (unknown.length > 0 && !this.isReading && performance.now() - this.readAt > 2000)
      this.read();
  }

  async refresh() {
    if (this.isReading || document.hidden || this.isRefreshing) return;
    this.isRefreshing = true;
    try {
      const {Queues = [], Now} = await insight('GET', '/_matinee/queues');
      setNow(Now);
      const states = new Map(Queues.map((queue) => [queue.Arn, queue]));
      const here = this.topology.nodes.filter(({kind}) => kind === 'queue');
      for (const node of here) node.queue = states.get(node.id) ?? node.queue;
      const hasChanged = here.length !== Queues.length ||
        here.some((node) => !states.has(node.id));
      if (hasChanged) await this.read();
      else this.show();
    } catch (error) {
      replace(this.faults, errorBox(error));
    }
    this.isRefreshing = false;
  }
}

export function render(container) {
  const page = new MapPage(container);
  return () => page.stops.forEach((stop) => stop());
}
