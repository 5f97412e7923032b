// Calls of AWS's services and of Matinee's own operations, each in its protocol.
import {isTree, stringify} from './json.js';
import {encode, encodeQuery, sign} from './sign.js';

/** What went wrong, in AWS's words. `status` is 0 where the server could not be reached. */
export class ApiError extends Error {
  constructor({code, message, status, service = '', operation = ''}) {
    super(message || code);
    Object.assign(this, {code, status, service, operation});
  }
}

const JSON_SERVICES = {
  applicationautoscaling: {target: 'AnyScaleFrontendService', scope: 'application-autoscaling'},
  cloudcontrol: {target: 'CloudApiService', version: '1.0', scope: 'cloudcontrolapi'},
  dynamodb: {target: 'DynamoDB_20120810', version: '1.0'},
  dynamodbstreams: {target: 'DynamoDBStreams_20120810', version: '1.0', scope: 'dynamodb'},
  ecr: {target: 'AmazonEC2ContainerRegistry_V20150921'},
  events: {target: 'AWSEvents'},
  kms: {target: 'TrentService'},
  logs: {target: 'Logs_20140328'},
  secretsmanager: {target: 'secretsmanager'},
  sqs: {target: 'AmazonSQS', version: '1.0'},
  ssm: {target: 'AmazonSSM'},
};

const QUERY_SERVICES = {
  cloudformation: {version: '2010-05-15'},
  cloudwatch: {version: '2010-08-01', scope: 'monitoring'},
  iam: {version: '2010-05-08'},
  sns: {version: '2010-03-31'},
  sts: {version: '2011-06-15'},
};

const NAMED = (params) => encode(params.Name);
// Scheduler speaks REST: its operations by method, path, and which parameters go into the query.
const SCHEDULER = {
  CreateSchedule: ['POST', (p) => `/schedules/${NAMED(p)}`],
  DeleteSchedule: ['DELETE', (p) => `/schedules/${NAMED(p)}`, {GroupName: 'groupName'}],
  GetSchedule: ['GET', (p) => `/schedules/${NAMED(p)}`, {GroupName: 'groupName'}],
  ListSchedules: ['GET', () => '/schedules', {GroupName: 'ScheduleGroup', NamePrefix: 'NamePrefix',
    MaxResults: 'MaxResults', NextToken: 'NextToken', State: 'State'}],
  ListScheduleGroups: ['GET', () => '/schedule-groups', {MaxResults: 'MaxResults',
    NextToken: 'NextToken'}],
  UpdateSchedule: ['PUT', (p) => `/schedules/${NAMED(p)}`],
};

function text(element, ...names) {
  for (const name of names) {
    const found = element.getElementsByTagName(name)[0];
    if (found) return found.textContent;
  }
  return '';
}

function readError(body, type) {
  if (type.includes('xml')) {
    const xml = new DOMParser().parseFromString(body, 'application/xml');
    return {code: text(xml, 'Code'), message: text(xml, 'Message', 'message')};
  }
  try {
    const error = JSON.parse(body);
    return {code: String(error.__type ?? error.code ?? error.Code ?? '').split('#').pop(),
      message: error.message ?? error.Message};
  } catch {
    return {code: '', message: body.slice(0, 500)};
  }
}

async function errorOf(response, service, operation) {
  const body = await response.text();
  const read = readError(body, response.headers.get('content-type') ?? '');
  const header = response.headers.get('x-amzn-errortype')?.split(':')[0];
  return new ApiError({code: header || read.code || `HTTP ${response.status}`, service, operation,
    message: read.message || response.statusText, status: response.status});
}

/** A signed request of any kind. Throws ApiError unless the status is below 400. */
async function send(request, {service, operation = '', signal} = {}) {
  const {method, path, query, body} = request;
  const headers = await sign({...request, service: request.scope});
  const queryText = encodeQuery(query);
  let response;
  try {
    response = await fetch(path + (queryText ? `?${queryText}` : ''),
      {method, headers, body, signal, cache: 'no-store'});
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError({code: 'Unreachable', service, operation, status: 0,
      message: 'The server does not answer. Is matinee up?'});
  }
  if (response.status >= 400) throw await errorOf(response, service, operation);
  return response;
}

async function readJson(response) {
  const body = await response.text();
  return body ? JSON.parse(body) : {};
}

async function callScheduler(operation, params) {
  const [method, path, names = {}] = SCHEDULER[operation];
  const query = {};
  const body = {};
  for (const [name, value] of Object.entries(params)) {
    if (names[name]) query[names[name]] = value;
    else if (name !== 'Name') body[name] = value;
  }
  const hasBody = method === 'POST' || method === 'PUT';
  return readJson(await send({method, path: path(params), query, scope: 'scheduler',
    headers: hasBody ? {'content-type': 'application/json'} : {},
    body: hasBody ? stringify(body) : undefined}, {service: 'scheduler', operation}));
}

/** An operation of a service that speaks JSON: call('sqs', 'GetQueueUrl', {QueueName}) -> reply. */
export async function call(service, operation, params = {}) {
  if (service === 'scheduler') return callScheduler(operation, params);
  const {target, version = '1.1', scope = service} = JSON_SERVICES[service];
  return readJson(await send({method: 'POST', path: '/', scope, body: stringify(params),
    headers: {'content-type': `application/x-amz-json-${version}`,
      'x-amz-target': `${target}.${operation}`}}, {service, operation}));
}

/** A request of a service that speaks REST (s3, lambda) -> Response. `path` is percent-encoded:
 * encodePath and encode of sign.js do that. */
export function rest(service, method, path, {query, headers = {}, body, signal} = {}) {
  return send({method, path, query, headers, body, scope: service},
    {service, operation: `${method} ${path}`, signal});
}

function flatten(value, name, into) {
  if (Array.isArray(value)) {
    value.forEach((one, index) => flatten(one, `${name}.member.${index + 1}`, into));
  } else if (isTree(value)) {
    for (const [key, one] of Object.entries(value))
      flatten(one, name ? `${name}.${key}` : key, into);
  } else if (value !== undefined && value !== null) {
    into.set(name, String(value));
  }
  return into;
}

/** An operation of a service that speaks the query protocol -> the reply as a parsed document.
 * Lists and structures in `params` are flattened as AWS does (`Tags.member.1.Key`); maps are given
 * by their flat names. */
export async function query(service, action, params = {}) {
  const {version, scope = service} = QUERY_SERVICES[service];
  const form = flatten(params, '', new URLSearchParams({Action: action, Version: version}));
  const response = await send({method: 'POST', path: '/', scope, body: form.toString(),
    headers: {'content-type': 'application/x-www-form-urlencoded; charset=utf-8'}},
  {service, operation: action});
  return new DOMParser().parseFromString(await response.text(), 'application/xml');
}

/** Of a parsed document: the text of the first element of that name below `node`, or ''. */
export function xmlText(node, name) {
  return text(node, name);
}

/** Of a parsed document: the `member` (or other) elements of the first list of that name. */
export function xmlList(node, name, member = 'member') {
  const list = node.getElementsByTagName(name)[0];
  return list ? [...list.children].filter((child) => child.localName === member) : [];
}

/** An operation of Matinee itself: insight('GET', '/_matinee/map') -> reply. */
export async function insight(method, path, {query: parameters, body, signal} = {}) {
  const isText = typeof body === 'string';
  return readJson(await send({method, path, query: parameters, scope: 'matinee',
    headers: body === undefined ? {} : {'content-type': 'application/json'},
    body: body === undefined || isText ? body : stringify(body)},
  {service: 'matinee', operation: `${method} ${path}`, signal}));
}

/** The same, as the Response whose body goes on (live.js). */
export function openInsight(path, signal) {
  return send({method: 'GET', path, headers: {}, scope: 'matinee'}, {service: 'matinee', signal});
}
