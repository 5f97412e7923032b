// All buckets.
import {rest, xmlList, xmlText} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {time} from '../core/format.js';
import {go, link} from '../core/router.js';
import {region} from '../core/session.js';
import {copyAs, dialog, errorBox, field, table, toast} from '../core/widgets.js';

export const title = 'Buckets';

export async function readXml(response) {
  return new DOMParser().parseFromString(await response.text(), 'application/xml');
}

async function listBuckets() {
  const reply = await readXml(await rest('s3', 'GET', '/'));
  return xmlList(reply, 'Buckets', 'Bucket').map((bucket) => (
    {name: xmlText(bucket, 'Name'), made: xmlText(bucket, 'CreationDate')}));
}

function createBucket() {
  const name = field({label: 'Name', hint: '3 to 63 small letters, digits, dots and hyphens',
    autofocus: true});
  const run = async () => {
    const bucket = name.input.value.trim();
    const body = region() === 'us-east-1' ? undefined
      : '<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
        `<LocationConstraint>${region()}</LocationConstraint></CreateBucketConfiguration>`;
    await rest('s3', 'PUT', `/${encodeURIComponent(bucket)}`, {body});
    toast(`Bucket ${bucket} is there.`);
    go(link('buckets', bucket));
  };
  dialog({title: 'New bucket', body: name, actions: [{text: 'Create', kind: 'main', run}]});
}

export function render(container) {
  const place = h('div', {}, h('p', {class: 'empty'}, 'Asking …'));
  container.append(h('h1', {}, 'Buckets'), h('div', {class: 'toolbar'},
    h('button', {type: 'button', class: 'main', onclick: createBucket}, 'New bucket'),
    copyAs({service: 's3', operation: 'ListBuckets'})), place);
  listBuckets().then((rows) => replace(place, table({label: 'Buckets', rows,
    empty: 'There is no bucket yet.', columns: [
      {title: 'Name', key: 'name', render: ({name}) => h('a', {href: link('buckets', name)}, name)},
      {title: 'Made', key: 'made', render: ({made}) => time(made)}]})))
    .catch((error) => replace(place, errorBox(error)));
}
