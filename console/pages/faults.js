// Faults on purpose: what is in force, adding and ending it.
import {h, replace} from '../core/dom.js';
import {ACTIONS, addFault, clearFaults, commandOf, mayHaveLatency, needsLatency, readFaults}
  from '../core/faults.js';
import {count} from '../core/format.js';
import {readAfterHops} from '../core/live.js';
import {errorBox, field, table, toast} from '../core/widgets.js';

export const title = 'Faults';

const SERVICES = ['sqs', 'sns', 's3', 'dynamodb', 'lambda', 'events', 'scheduler', 'kms',
  'secretsmanager', 'ssm', 'logs', 'iam', 'sts', 'cloudformation', 'cloudwatch'];

const NUMBERS = ['Probability', 'Every', 'Times', 'Status', 'Seed'];

function actionField(chosen) {
  const element = field({label: 'What happens', options: []});
  replace(element.input, Object.entries(ACTIONS).map(([group, actions]) => h('optgroup',
    {label: group}, Object.entries(actions).map(([action, text]) =>
      h('option', {value: action}, `${action}: ${text}`)))));
  element.input.value = chosen || 'error';
  return element;
}

/** The fields of a new fault, filled as the address says. */
function fieldsOf(query) {
  const text = (name, label, more = {}) => field({label, value: query.get(name) ?? '', ...more});
  return {
    Action: actionField(query.get('action')),
    Error: text('error', 'Error', {value: query.get('error') ?? 'throttling',
      hint: 'throttling, internal, unavailable, or a code of the service'}),
    Status: text('status', 'Status', {type: 'number', hint: 'Of codes that the service has not'}),
    Latency: text('latency', 'How late', {value: '500ms', hint: '200ms, 2s, or 100ms..2s'}),
    Service: text('service', 'Service', {list: 'fault-services', hint: 'All, where it is empty'}),
    Operation: text('operation', 'Operation', {hint: 'Send*'}),
    Resource: text('resource', 'Resource', {hint: 'A name or an ARN, with * and ?'}),
    Caller: text('caller', 'Caller', {hint: 'An ARN, an access key, or sns.amazonaws.com'}),
    Probability: text('probability', 'Probability', {type: 'number', min: '0', max: '1',
      step: 'any', value: query.get('probability') ?? '1'}),
    Every: text('every', 'Each n-th', {type: 'number', min: '1', value: '1'}),
    Times: text('times', 'At most so often', {type: 'number', min: '1'}),
    Seed: text('seed', 'Seed', {type: 'number', min: '0',
      hint: 'Begins all faults anew; empty: as it is'}),
  };
}

function ruleOf(fields) {
  const rule = {};
  for (const [name, {input, hidden}] of Object.entries(fields)) {
    const value = input.value.trim();
    if (hidden || value === '') continue;
    rule[name] = NUMBERS.includes(name) ? Number(value) : value;
  }
  return rule;
}

/** Only what the action has a use for is shown. */
function showFitting(fields) {
  const action = fields.Action.input.value;
  const [calls, , functions] = Object.values(ACTIONS);
  fields.Error.hidden = action !== 'error';
  fields.Status.hidden = action !== 'error';
  fields.Latency.hidden = !mayHaveLatency(action);
  fields.Latency.input.required = needsLatency(action);
  fields.Operation.hidden = !(action in calls);
  fields.Service.hidden = action in functions;
}

class FaultsPage {
  constructor(container, query) {
    this.trouble = h('div');
    this.place = h('div', {class: 'below'}, h('p', {class: 'empty'}, 'Asking …'));
    this.fields = fieldsOf(query);
    this.command = h('code');
    const form = h('form', {class: 'card', 'aria-label': 'A new fault', onsubmit: (event) => {
      event.preventDefault();
      this.change(() => addFault(ruleOf(this.fields)), ({Fault}) => `${Fault.Id}: ${Fault.Text}`);
    }, oninput: () => this.drawForm()}, h('h2', {}, 'A new fault'),
    this.fields.Action, h('div', {class: 'many'}, Object.entries(this.fields)
      .filter(([name]) => name !== 'Action').map(([, element]) => element)),
    h('datalist', {id: 'fault-services'}, SERVICES.map((value) => h('option', {value}))),
    h('p', {class: 'soft'}, 'The same in a terminal: ', this.command),
    h('button', {type: 'submit', class: 'main'}, 'Add'));
    this.endAll = h('button', {type: 'button', class: 'danger', disabled: true,
      onclick: () => this.change(() => clearFaults(), ({Cleared}) => `Ended: ${Cleared}.`)},
    'End all');
    this.seed = h('span', {class: 'soft'});
    container.append(h('div', {class: 'toolbar'}, h('h1', {}, 'Faults'), this.seed,
      h('span', {class: 'push'}), this.endAll),
    h('p', {class: 'soft'}, 'Errors, delays and losses on purpose, drawn from a seed. They are of ',
      'all accounts, and end with the server.'), this.trouble, this.place, form);
    this.drawForm();
    this.read();
  }

  drawForm() {
    showFitting(this.fields);
    this.command.textContent = commandOf(ruleOf(this.fields));
  }

  async change(work, say) {
    replace(this.trouble);
    try {
      toast(say(await work()));
      await this.read();
    } catch (error) {
      replace(this.trouble, errorBox(error));
    }
  }

  async read() {
    try {
      const {Faults, Seed} = await readFaults();
      this.seed.textContent = Seed === undefined ? '' : `seed ${Seed}`;
      this.endAll.disabled = Faults.length === 0;
      replace(this.place, table({label: 'Faults in force', rows: Faults,
        empty: 'Nothing fails on purpose.', columns: [
          {title: 'Fault', key: 'Id'}, {title: 'What it does', key: 'Text'},
          {title: 'Hit', class: 'number', sort: ({Hits}) => Hits,
            render: ({Hits, Asked}) => `${count(Hits)} of ${count(Asked)}`},
          {title: 'End', render: (fault) => h('button', {type: 'button', class: 'small',
            'aria-label': `End ${fault.Id}`, onclick: () => this.change(() =>
              clearFaults(fault.Id), () => `${fault.Id} has ended.`)}, 'End')}]}));
    } catch (error) {
      replace(this.trouble, errorBox(error));
    }
  }
}

export function render(container, {query}) {
  const page = new FaultsPage(container, query);
  return readAfterHops(() => page.read(), 1500);
}
