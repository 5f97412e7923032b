// Faults of one edge of the map, as switches.
import {h, replace} from '../core/dom.js';
import {addFault, clearFaults, faultsOfEdge, faultsOn, needsLatency, readFaults}
  from '../core/faults.js';
import {count, nameOf} from '../core/format.js';
import {dialog, errorBox, field} from '../core/widgets.js';

const CHANCES = [[1, 'always'], [0.5, 'one in two'], [0.1, 'one in ten'],
  [0.01, 'one in a hundred']];

/** Opens the switches; `onChange` is called after each. */
export function openEdgeFaults(edge, onChange) {
  const {actions, rule} = faultsOfEdge(edge);
  const trouble = h('div');
  const place = h('div');
  const chance = field({label: 'How often', value: '1', options: CHANCES.map(([value, text]) => ({
    value: String(value), text}))});
  const change = async (work) => {
    replace(trouble);
    try {
      await work();
    } catch (error) {
      replace(trouble, errorBox(error));
    }
    await draw();
    onChange();
  };
  const switchOf = (action, text, fault) => {
    const box = field({label: `${action}: ${text}`, type: 'checkbox', value: Boolean(fault),
      hint: fault ? `${fault.Id} has hit ${count(fault.Hits)} of ${count(fault.Asked)}` : undefined,
      onchange: () => change(() => (fault ? clearFaults(fault.Id) : addFault({...rule,
        Action: action, Probability: Number(chance.input.value),
        Latency: needsLatency(action) ? '2s' : undefined})))});
    box.input.setAttribute('role', 'switch');
    return box;
  };
  async function draw() {
    try {
      const {Faults} = await readFaults();
      const here = faultsOn(edge, Faults);
      replace(place, Object.entries(actions).map(([action, text]) => switchOf(action, text,
        here.find((fault) => fault.Action === action))));
    } catch (error) {
      replace(trouble, errorBox(error));
    }
  }
  draw();
  dialog({title: `Faults from ${nameOf(edge.from)} to ${nameOf(edge.to)}`, body: [
    h('p', {class: 'soft'}, rule.Caller
      ? `They hit what ${rule.Caller} delivers to ${nameOf(rule.Resource)}.`
      : `They hit all calls of ${nameOf(rule.Resource)}.`), chance, place, trouble]});
}
