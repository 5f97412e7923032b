// A call as somebody would write it elsewhere: the aws command, boto3, the SDK for JavaScript, and
// a template where a resource is meant.
import {h, replace} from './dom.js';
import {dialog, toast} from './dialogs.js';
import {Digits, stringify} from './json.js';
import {region} from './session.js';
import {tabs} from './tabs.js';

const COMMANDS = {cloudcontrol: 'cloudcontrol', s3: 's3api',
  applicationautoscaling: 'application-autoscaling'};
const PACKAGES = {sqs: 'SQS', sns: 'SNS', s3: 'S3', dynamodb: 'DynamoDB', lambda: 'Lambda',
  events: 'EventBridge', logs: 'CloudWatchLogs', ssm: 'SSM', kms: 'KMS', iam: 'IAM', sts: 'STS',
  secretsmanager: 'SecretsManager', scheduler: 'Scheduler', cloudformation: 'CloudFormation',
  cloudwatch: 'CloudWatch', cloudcontrol: 'CloudControl', dynamodbstreams: 'DynamoDBStreams',
  ecr: 'ECR', applicationautoscaling: 'ApplicationAutoScaling'};
const MODULES = {dynamodbstreams: 'dynamodb-streams', secretsmanager: 'secrets-manager',
  events: 'eventbridge', logs: 'cloudwatch-logs',
  applicationautoscaling: 'application-auto-scaling'};

const kebab = (name) => name.replace(/([a-z0-9])([A-Z])/g, '$1-$2')
  .replace(/([A-Z]+)([A-Z][a-z])/g, '$1-$2').toLowerCase();
const snake = (name) => kebab(name).replaceAll('-', '_');

function shellWord(text) {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function asCommand({service, operation, params}) {
  const words = [`aws ${COMMANDS[service] ?? service} ${kebab(operation)}`];
  for (const [name, value] of Object.entries(params)) {
    if (value === true) words.push(`--${kebab(name)}`);
    else if (value === false) words.push(`--no-${kebab(name)}`);
    else words.push(`--${kebab(name)} ` +
      shellWord(typeof value === 'object' ? stringify(value) : String(value)));
  }
  words.push(`--region ${region()}`, `--endpoint-url ${location.origin}`);
  return words.join(' \\\n  ');
}

function pythonValue(value, indent) {
  const inner = `${indent}    `;
  if (value === null) return 'None';
  if (value instanceof Digits) return value.text;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) {
    return value.length === 0 ? '[]'
      : `[\n${value.map((one) => `${inner}${pythonValue(one, inner)},\n`).join('')}${indent}]`;
  }
  if (typeof value === 'object') {
    return `{\n${Object.entries(value).map(([key, one]) =>
      `${inner}${JSON.stringify(key)}: ${pythonValue(one, inner)},\n`).join('')}${indent}}`;
  }
  return JSON.stringify(value);
}

function asPython({service, operation, params}) {
  const lines = Object.entries(params).map(([name, value]) =>
    `    ${name}=${pythonValue(value, '    ')},\n`).join('');
  return `import boto3\n\n${service} = boto3.client("${service}", region_name="${region()}", ` +
    `endpoint_url="${location.origin}")\n${service}.${snake(operation)}(\n${lines})`;
}

function asJavaScript({service, operation, params}) {
  const name = PACKAGES[service] ?? service;
  const module = MODULES[service] ?? service;
  return `import { ${name}Client, ${operation}Command } from "@aws-sdk/client-${module}";\n\n` +
    `const client = new ${name}Client({ region: "${region()}", ` +
    `endpoint: "${location.origin}" });\n` +
    `await client.send(new ${operation}Command(${stringify(params, 2)}));`;
}

function asTemplate({type, properties = {}, name = 'Resource'}) {
  return stringify({Resources: {[name.replace(/[^A-Za-z0-9]/g, '') || 'Resource']:
    {Type: type, Properties: properties}}}, 2);
}

/** The texts of a call by their titles; `resource` is {type, properties, name} of a template. */
export function writtenAs({service, operation, params = {}, resource}) {
  const request = {service, operation, params};
  const texts = {'aws CLI': asCommand(request), 'boto3': asPython(request),
    'JavaScript': asJavaScript(request)};
  if (resource) texts.Template = asTemplate(resource);
  return texts;
}

/** A button that shows the call {service, operation, params, resource}, ready to be copied; or a
 * function that gives these, where they are known only then. */
export function copyAs(request) {
  return h('button', {type: 'button', class: 'small', onclick: () => {
    const texts = writtenAs(typeof request === 'function' ? request() : request);
    const list = Object.entries(texts).map(([title, text]) => ({
      name: kebab(title).replace(/\W/g, '-'), title, render: (panel) => {
        replace(panel, h('pre', {class: 'code', tabindex: '0'}, text),
          h('button', {type: 'button', class: 'main', onclick: async () => {
            await navigator.clipboard.writeText(text);
            toast('Copied.');
          }}, 'Copy'));
      }}));
    dialog({title: 'Copy as', body: tabs({label: 'Languages', tabs: list}), wide: true});
  }}, 'Copy as…');
}
