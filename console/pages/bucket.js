// A bucket: its keys by folders, read as far as somebody scrolls, so that a million are no matter.
import {rest, xmlText} from '../core/api.js';
import {h, replace} from '../core/dom.js';
import {bytes, count, time} from '../core/format.js';
import {link} from '../core/router.js';
import {encode, encodePath} from '../core/sign.js';
import {confirm, copyAs, errorBox, field, toast, virtualList} from '../core/widgets.js';
import {readXml} from './buckets.js';
import {openObject} from './object.js';

const PAGE = 1000;  // keys, as many as S3 gives at once
const AHEAD = 60;   // rows before the end at which the next page is asked for

export const title = ({name}) => `Bucket ${name}`;

/** One page of the keys below a prefix: {rows, token}. */
async function readPage(bucket, {prefix, delimiter, after, token}) {
  const reply = await readXml(await rest('s3', 'GET', `/${encode(bucket)}`, {query: {
    'list-type': 2, 'max-keys': PAGE, prefix, delimiter: delimiter || undefined,
    'start-after': after || undefined, 'continuation-token': token || undefined,
    'encoding-type': 'url'}}));
  const decode = (text) => decodeURIComponent(text.replaceAll('+', ' '));
  const folders = [...reply.getElementsByTagName('CommonPrefixes')].map((one) => (
    {folder: decode(xmlText(one, 'Prefix'))}));
  const keys = [...reply.getElementsByTagName('Contents')].map((one) => ({
    key: decode(xmlText(one, 'Key')), size: Number(xmlText(one, 'Size')),
    changed: xmlText(one, 'LastModified'), storage: xmlText(one, 'StorageClass')}));
  const name = (row) => row.folder ?? row.key;
  return {rows: [...folders, ...keys].sort((a, b) => (name(a) < name(b) ? -1 : 1)),
    token: xmlText(reply, 'NextContinuationToken')};
}

/** The keys that were read so far, and how to read more. */
class Listing {
  constructor(bucket, onChange) {
    this.bucket = bucket;
    this.onChange = onChange;
    this.round = 0;
    this.start({prefix: '', delimiter: '/'});
  }

  start(settings) {
    this.settings = settings;
    this.rows = [];
    this.token = '';
    this.error = null;
    this.isDone = false;
    this.isReading = false;
    this.round += 1;
    return this.more();
  }

  async more() {
    if (this.isReading || this.isDone) return;
    const {round} = this;
    this.isReading = true;
    try {
      const page = await readPage(this.bucket, {...this.settings, token: this.token});
      if (round !== this.round) return;
      this.rows.push(...page.rows);
      this.token = page.token;
      this.isDone = !page.token;
    } catch (error) {
      if (round !== this.round) return;
      this.error = error;
      this.isDone = true;
    }
    this.isReading = false;
    this.onChange();
  }
}

function breadcrumbs(bucket, prefix, open) {
  const parts = prefix.split('/');
  const steps = parts.slice(0, -1).map((part, index) => (
    {text: part || '(empty)', prefix: `${parts.slice(0, index + 1).join('/')}/`}));
  return h('nav', {class: 'crumbs', 'aria-label': 'Folders'},
    [{text: bucket, prefix: ''}, ...steps].map((step) => [
      h('button', {type: 'button', class: 'plain', onclick: () => open(step.prefix)}, step.text),
      h('span', {class: 'soft', 'aria-hidden': 'true'}, '/')]));
}

function rowOf(page, row) {
  const short = (text) => text.slice(page.listing.settings.prefix.length) || text;
  if (row.folder) {
    return h('div', {class: 'key-row'}, h('button', {type: 'button', class: 'plain key-name',
      onclick: () => page.open(row.folder)}, '▸ ', short(row.folder)),
    h('span', {class: 'soft'}, 'folder'), h('span'), h('span'));
  }
  return h('div', {class: 'key-row'},
    h('button', {type: 'button', class: 'plain key-name', title: row.key,
      onclick: () => openObject(page.bucket, row, () => page.reload())}, short(row.key)),
    h('span', {class: 'number'}, bytes(row.size)), h('span', {class: 'soft'},
      time(row.changed).slice(0, 19)),
    h('button', {type: 'button', class: 'small', 'aria-label': `Delete ${row.key}`,
      onclick: () => page.remove(row.key)}, 'Delete'));
}

class BucketPage {
  constructor(container, bucket) {
    this.bucket = bucket;
    this.crumbs = h('div');
    this.status = h('p', {class: 'soft', role: 'status'});
    this.trouble = h('div');
    this.list = virtualList({label: 'Keys', rowHeight: 32,
      height: 'max(240px, calc(100vh - 380px))',
      render: (index) => this.renderRow(index)});
    this.prefix = field({label: 'Prefix', placeholder: 'invoices/2026-'});
    this.after = field({label: 'Start after', placeholder: 'a key to jump behind'});
    this.isFlat = field({label: 'All keys, without folders', type: 'checkbox'});
    for (const one of [this.prefix, this.after])
      one.input.addEventListener('keydown', (event) => event.key === 'Enter' && this.reload());
    this.isFlat.input.addEventListener('change', () => this.reload());
    container.append(h('h1', {}, `Bucket ${bucket}`), this.toolbar(),
      h('div', {class: 'row card'}, this.prefix, this.after, this.isFlat,
        h('button', {type: 'button', onclick: () => this.reload()}, 'List')),
      this.crumbs, this.trouble, this.list, this.status);
    this.listing = new Listing(bucket, () => this.draw());
    this.takeDropped(container);
    this.drawCrumbs();
  }

  toolbar() {
    const files = h('input', {type: 'file', multiple: true, class: 'hidden', tabindex: '-1',
      'aria-label': 'Files to upload', onchange: () => {
        this.upload([...files.files]);
        files.value = '';
      }});
    return h('div', {class: 'toolbar'},
      h('button', {type: 'button', class: 'main', onclick: () => files.click()}, 'Upload files'),
      files, h('button', {type: 'button', onclick: () => this.reload()}, 'Refresh'),
      copyAs(() => ({service: 's3', operation: 'ListObjectsV2', params: {Bucket: this.bucket,
        Prefix: this.prefix.input.value, ...(this.isFlat.input.checked ? {} : {Delimiter: '/'})},
      resource: {type: 'AWS::S3::Bucket', properties: {BucketName: this.bucket},
        name: this.bucket}})),
      h('a', {class: 'push', href: link('buckets')}, 'All buckets'));
  }

  open(prefix) {
    this.prefix.input.value = prefix;
    this.after.input.value = '';
    this.reload();
  }

  reload() {
    replace(this.trouble);
    this.listing.start({prefix: this.prefix.input.value, after: this.after.input.value,
      delimiter: this.isFlat.input.checked ? '' : '/'});
    this.list.setCount(0);
    this.list.scrollTop = 0;
    this.drawCrumbs();
  }

  drawCrumbs() {
    replace(this.crumbs, breadcrumbs(this.bucket, this.prefix.input.value, (prefix) =>
      this.open(prefix)));
  }

  draw() {
    const {listing} = this;
    if (listing.error) replace(this.trouble, errorBox(listing.error));
    this.list.setCount(listing.rows.length);
    this.status.textContent = listing.rows.length === 0 ? 'No key here.'
      : `${count(listing.rows.length)} rows${listing.isDone ? '' : ' so far; scroll for more'}`;
  }

  renderRow(index) {
    if (index + AHEAD > this.listing.rows.length) this.listing.more();
    return rowOf(this, this.listing.rows[index]);
  }

  async remove(key) {
    if (!await confirm({title: 'Delete an object', text: key, action: 'Delete'})) return;
    try {
      await rest('s3', 'DELETE', `/${encode(this.bucket)}/${encodePath(key)}`);
      toast(`${key} is deleted.`);
      this.reload();
    } catch (error) {
      replace(this.trouble, errorBox(error));
    }
  }

  /** One after another; what failed is told, and does not stop the others. */
  async upload(files) {
    replace(this.trouble);
    let done = 0;
    for (const file of files) {
      this.status.textContent = `Uploading ${file.name} (${done + 1} of ${files.length}) …`;
      const key = this.prefix.input.value.replace(/[^/]*$/, '') + file.name;
      try {
        await rest('s3', 'PUT', `/${encode(this.bucket)}/${encodePath(key)}`, {body: file,
          headers: {'content-type': file.type || 'application/octet-stream'}});
        done += 1;
      } catch (error) {
        this.trouble.append(errorBox(error));
      }
    }
    if (done) toast(`Files uploaded: ${done}.`);
    const problems = [...this.trouble.childNodes];
    this.reload();
    this.trouble.append(...problems);
  }

  takeDropped(container) {
    container.ondragover = (event) => event.preventDefault();
    container.ondrop = (event) => {
      event.preventDefault();
      this.upload([...event.dataTransfer.files]);
    };
  }
}

export function render(container, {name}) {
  const page = new BucketPage(container, name);
  return () => {
    page.listing.round += 1;
    container.ondragover = container.ondrop = null;
  };
}
