// A rule: its pattern, its targets, and what each of them would get of an event.
import {call, insight} from '../core/api.js';
import {attempts} from '../core/attempts.js';
import {h, replace} from '../core/dom.js';
import {nameOf, pretty, serviceOf} from '../core/format.js';
import {parse} from '../core/json.js';
import {link, show} from '../core/router.js';
import {confirm, copyAs, errorBox, field, jsonEditor, table, toast} from '../core/widgets.js';
import {compactJson, compactText, labLink} from './lab_link.js';
import {listAll, stateOf} from './rules.js';

export const title = ({name}) => `Rule ${name}`;

const EVENT = {version: '0', id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718', 'detail-type': 'order',
  source: 'shop', account: '000000000000', time: '2026-11-30T12:00:00Z', region: 'us-east-1',
  resources: [], detail: {state: 'paid', total: 42}};

function targetOf({Arn}) {
  const page = {sqs: 'queues', lambda: 'functions', sns: 'topics'}[serviceOf(Arn)];
  return page ? h('a', {href: link(page, nameOf(Arn))}, nameOf(Arn)) : Arn;
}

function inputOf(target) {
  if (target.InputTransformer) {
    return h('pre', {class: 'code', tabindex: '0', 'aria-label': 'Input transformer'},
      compactJson(target.InputTransformer));
  }
  return target.Input ?? target.InputPath ?? 'the event itself';
}

function restOf(target) {
  const words = [];
  if (target.DeadLetterConfig?.Arn)
    words.push(`dead letters to ${nameOf(target.DeadLetterConfig.Arn)}`);
  if (target.RetryPolicy) words.push(`at most ${target.RetryPolicy.MaximumRetryAttempts} retries`);
  if (target.RoleArn) words.push(`as ${target.RoleArn}`);
  return words.join(', ');
}

/** What a target would get of the event, of settings that may be changed here. */
class Preview {
  constructor(rule, targets) {
    const [first] = targets;
    const {InputPathsMap = {}, InputTemplate = ''} = first?.InputTransformer ?? {};
    this.rule = rule;
    this.tries = attempts((isLatest) => this.run(isLatest));
    const onInput = this.tries.later;
    this.event = jsonEditor({label: 'Event', value: compactJson(EVENT), rows: 12, onInput});
    this.paths = jsonEditor({label: 'Variables (InputPathsMap)', value: InputPathsMap, rows: 4,
      onInput});
    this.template = field({label: 'Template (InputTemplate)', type: 'textarea', rows: 5,
      value: InputTemplate, class: 'code', hint: 'Empty: the target gets the event itself'});
    this.template.input.addEventListener('input', onInput);
    this.result = h('div', {'aria-live': 'polite'});
    this.element = h('section', {class: 'card', 'aria-label': 'Preview of the input'},
      h('h2', {}, 'What a target would get'), h('div', {class: 'grid2'}, this.event,
        h('div', {}, this.paths, this.template)), this.result);
    this.tries.now();
  }

  async run(isLatest) {
    const template = this.template.input.value;
    try {
      const reply = await insight('POST', '/_matinee/input', {body: {Event: this.event.text(),
        RuleArn: this.rule.Arn,
        ...(template && {InputTemplate: template, InputPathsMap: this.paths.read()})}});
      if (!isLatest()) return;
      replace(this.result, h('pre', {class: 'code', tabindex: '0', 'aria-label': 'Input'},
        pretty(reply.Text)));
    } catch (error) {
      if (isLatest()) replace(this.result, errorBox(error));
    }
  }
}

function toolbarOf(rule, bus) {
  const params = {Name: rule.Name, EventBusName: bus};
  const isOff = rule.State === 'DISABLED';
  return h('div', {class: 'toolbar'}, stateOf(rule),
    h('button', {type: 'button', onclick: async () => {
      try {
        await call('events', isOff ? 'EnableRule' : 'DisableRule', params);
        show();
      } catch (error) {
        toast(error.message, 'failed');
      }
    }}, isOff ? 'Enable' : 'Disable'),
    h('button', {type: 'button', class: 'danger', onclick: async () => {
      if (!await confirm({title: 'Delete a rule', text: `${rule.Name} and its targets`,
        action: 'Delete'})) return;
      try {
        const ids = (await listAll('ListTargetsByRule', 'Targets',
          {Rule: rule.Name, EventBusName: bus})).map(({Id}) => Id);
        if (ids.length) await call('events', 'RemoveTargets', {Rule: rule.Name, EventBusName: bus,
          Ids: ids});
        await call('events', 'DeleteRule', params);
        location.hash = link('rules');
      } catch (error) {
        toast(error.message, 'failed');
      }
    }}, 'Delete'),
    copyAs({service: 'events', operation: 'DescribeRule', params, resource: {
      type: 'AWS::Events::Rule', name: rule.Name, properties: {Name: rule.Name,
        ...(rule.EventPattern && {EventPattern: parse(rule.EventPattern)}),
        ...(rule.ScheduleExpression && {ScheduleExpression: rule.ScheduleExpression})}}}),
    h('a', {class: 'push', href: link('rules')}, 'All rules'));
}

function conditionOf(rule) {
  if (!rule.EventPattern)
    return h('p', {}, 'Fires by schedule: ', h('code', {}, rule.ScheduleExpression));
  return [h('h2', {}, 'Pattern'), h('pre', {class: 'code', tabindex: '0', 'aria-label': 'Pattern'},
    compactText(rule.EventPattern)),
  h('p', {}, h('a', {href: labLink('rule', rule.EventPattern)}, 'Try it in the lab'))];
}

export function render(container, {bus, name}) {
  const place = h('div', {}, h('p', {class: 'empty'}, 'Asking …'));
  container.append(h('h1', {}, `Rule ${name}`), place);
  let preview = null;
  const read = async () => {
    const rule = await call('events', 'DescribeRule', {Name: name, EventBusName: bus});
    const targets = await listAll('ListTargetsByRule', 'Targets',
      {Rule: name, EventBusName: bus});
    preview = new Preview(rule, targets);
    replace(place, toolbarOf(rule, bus), rule.Description && h('p', {}, rule.Description),
      conditionOf(rule), h('h2', {}, 'Targets'),
      table({label: 'Targets', rows: targets, empty: 'No target: nothing would be sent.', columns: [
        {title: 'Id', key: 'Id'}, {title: 'Target', render: targetOf},
        {title: 'Input', render: inputOf}, {title: 'More', render: restOf}]}),
      preview.element);
  };
  read().catch((error) => replace(place, errorBox(error)));
  return () => preview?.tries.end();
}
