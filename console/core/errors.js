import {h} from './dom.js';

const DOCS = 'https://docs.aws.amazon.com';
const REFERENCES = {
  applicationautoscaling: 'autoscaling/application/APIReference',
  cloudcontrol: 'cloudcontrolapi/latest/APIReference',
  cloudformation: 'AWSCloudFormation/latest/APIReference',
  cloudwatch: 'AmazonCloudWatch/latest/APIReference',
  dynamodb: 'amazondynamodb/latest/APIReference',
  dynamodbstreams: 'amazondynamodb/latest/APIReference',
  ecr: 'AmazonECR/latest/APIReference',
  events: 'eventbridge/latest/APIReference',
  iam: 'IAM/latest/APIReference',
  kms: 'kms/latest/APIReference',
  logs: 'AmazonCloudWatchLogs/latest/APIReference',
  scheduler: 'scheduler/latest/APIReference',
  secretsmanager: 'secretsmanager/latest/apireference',
  sns: 'sns/latest/api',
  sqs: 'AWSSimpleQueueService/latest/APIReference',
  ssm: 'systems-manager/latest/APIReference',
  sts: 'STS/latest/APIReference',
};

/** Where AWS says what the error means; '' where that is nowhere. */
export function ruleOf({service, operation}) {
  if (service === 's3') return `${DOCS}/AmazonS3/latest/API/ErrorResponses.html`;
  if (service === 'lambda') return `${DOCS}/lambda/latest/api/API_Operations.html`;
  const reference = REFERENCES[service];
  if (!reference || !/^\w+$/.test(operation)) return '';
  const prefix = service === 'dynamodbstreams' ? 'API_streams_' : 'API_';
  return `${DOCS}/${reference}/${prefix}${operation}.html`;
}

/** What went wrong, with the rule of AWS behind it. */
export function errorBox(error) {
  const rule = ruleOf(error);
  return h('div', {class: 'error', role: 'alert'},
    h('strong', {}, error.code || error.name || 'Error'), ' ',
    h('span', {}, error.message),
    rule && h('a', {href: rule, target: '_blank', rel: 'noreferrer', class: 'rule'},
      'AWS’s rule'));
}
