// Change sets of a stack: what would become of each resource, before anything does.
import {query, xmlList, xmlText} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {time} from '../core/format.js';
import {confirm, errorBox, field, table, toast} from '../core/widgets.js';
import {listAll, statusBadge} from './stacks.js';

const ASK_EVERY = 500;  // milliseconds
const ACTIONS = {Add: ['good', '+ add'], Modify: ['warn', '~ modify'], Remove: ['bad', '− remove'],
  Import: ['good', '↓ import'], Dynamic: ['warn', '? dynamic']};

function actionOf(action) {
  const [kind, text] = ACTIONS[action] ?? ['', action];
  return h('span', {class: `badge ${kind}`}, text);
}

function changeOf(member) {
  const targets = [...member.getElementsByTagName('Target')].map((target) =>
    xmlText(target, 'Name') ||
    xmlText(target, 'Attribute'));
  return {action: xmlText(member, 'Action'), name: xmlText(member, 'LogicalResourceId'),
    type: xmlText(member, 'ResourceType'), replacement: xmlText(member, 'Replacement'),
    physical: xmlText(member, 'PhysicalResourceId'), why: [...new Set(targets)].join(', ')};
}

function replacementOf({action, replacement}) {
  if (action !== 'Modify') return '';
  return {True: h('span', {class: 'badge bad'}, '⟳ replaced'),
    Conditional: h('span', {class: 'badge warn'}, '⟳ perhaps replaced')}[replacement] ?? 'in place';
}

async function readChanges(stack, name) {
  const params = {StackName: stack, ChangeSetName: name};
  const page = await query('cloudformation', 'DescribeChangeSet', params);
  return {status: xmlText(page, 'Status'), execution: xmlText(page, 'ExecutionStatus'),
    reason: xmlText(page, 'StatusReason'),
    changes: xmlList(page, 'Changes').map(changeOf), token: xmlText(page, 'NextToken')};
}

function changeTable(changes) {
  return table({label: 'Changes', rows: changes, empty: 'Nothing would change.', columns: [
    {title: 'What', render: ({action}) => actionOf(action), sort: ({action}) => action},
    {title: 'Resource', key: 'name'}, {title: 'Type', key: 'type'},
    {title: 'Replaced', render: replacementOf}, {title: 'Because of', key: 'why'},
    {title: 'Physical id', key: 'physical', class: 'cut'}]});
}

class ChangesTab {
  constructor(container, stack) {
    this.stack = stack;
    this.list = h('div');
    this.detail = h('div', {'aria-live': 'polite'});
    container.append(this.list, this.detail);
    this.showList();
  }

  async showList() {
    try {
      const rows = (await listAll('ListChangeSets', 'Summaries', {StackName: this.stack}))
        .map((one) => ({name: xmlText(one, 'ChangeSetName'), status: xmlText(one, 'Status'),
          made: xmlText(one, 'CreationTime')}));
      replace(this.list, table({label: 'Change sets', rows,
        empty: 'No change set. The tab “Template” makes one.', columns: [
          {title: 'Name', render: ({name}) => h('button', {type: 'button', class: 'plain',
            onclick: () => this.open(name)}, name)},
          {title: 'Status', render: ({status}) => statusBadge(status)},
          {title: 'Made', render: ({made}) => time(made)}]}));
      if (rows.length) await this.open(rows.at(-1).name);
    } catch (error) {
      replace(this.list, errorBox(error));
    }
  }

  /** Waits while the change set is made. */
  async open(name) {
    try {
      let found = await readChanges(this.stack, name);
      while (/^CREATE_(PENDING|IN_PROGRESS)$/.test(found.status) && !this.isLeft) {
        await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
        found = await readChanges(this.stack, name);
      }
      const mayRun = found.execution === 'AVAILABLE';
      replace(this.detail, h('h2', {}, `Change set ${name}`), h('div', {class: 'toolbar'},
        statusBadge(found.status), found.reason, h('button', {type: 'button', class: 'main',
          disabled: !mayRun, onclick: () => this.run(name)}, 'Execute'),
        h('button', {type: 'button', onclick: () => this.remove(name)}, 'Delete')),
      changeTable(found.changes),
      found.token && h('p', {class: 'soft'}, 'There are more changes than are shown.'));
    } catch (error) {
      replace(this.detail, errorBox(error));
    }
  }

  async act(action, name, told) {
    try {
      await query('cloudformation', action, {StackName: this.stack, ChangeSetName: name});
      toast(told);
      replace(this.detail);
      await this.showList();
    } catch (error) {
      replace(this.detail, errorBox(error));
    }
  }

  async run(name) {
    if (await confirm({title: 'Execute a change set', text: name, action: 'Execute'}))
      await this.act('ExecuteChangeSet', name, 'It is executed; the events tell how far it is.');
  }

  remove(name) {
    return this.act('DeleteChangeSet', name, 'The change set is deleted.');
  }
}

export function renderChanges(container, stack) {
  const tab = new ChangesTab(container, stack);
  return () => {
    tab.isLeft = true;
  };
}

/** The template in an editor that makes change sets. */
export function renderTemplate(container, {stack, template, parameters, onMade}) {
  const editor = field({label: 'Template', type: 'textarea', rows: 26, class: 'code',
    value: template});
  const result = h('div', {role: 'status'});
  const make = async () => {
    const name = `console-${Date.now()}`;
    try {
      await query('cloudformation', 'CreateChangeSet', {StackName: stack, ChangeSetName: name,
        ChangeSetType: 'UPDATE', TemplateBody: editor.input.value,
        Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
        Parameters: parameters.map((key) => ({ParameterKey: key, UsePreviousValue: 'true'}))});
      onMade();
    } catch (error) {
      replace(result, errorBox(error));
    }
  };
  container.append(editor, h('div', {class: 'toolbar'}, h('button', {type: 'button', class: 'main',
    onclick: make}, 'Show what would change'), h('span', {class: 'soft'},
    'Makes a change set; nothing changes before it is executed.')), result);
}
