// An object of a bucket: what is known of it, its beginning, and all of it as a file.
import {rest} from '../core/api.js';
import {causeButton} from '../core/causes.js';
import {h, replace} from '../core/dom.js';
import {bytes, pretty, time} from '../core/format.js';
import {encode, encodePath} from '../core/sign.js';
import {copyAs, dialog, errorBox} from '../core/widgets.js';

const PREVIEW = 65536;       // bytes of a text
const IMAGE_MOST = 8 << 20;  // bytes of a picture

const HEADERS = ['content-type', 'etag', 'last-modified', 'x-amz-version-id',
  'x-amz-server-side-encryption', 'x-amz-storage-class', 'cache-control', 'content-encoding'];

function hexOf(data) {
  const lines = [];
  for (let at = 0; at < Math.min(data.length, 1024); at += 16) {
    const row = [...data.subarray(at, at + 16)];
    const codes = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const letters = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.'));
    lines.push(`${at.toString(16).padStart(6, '0')}  ${codes.padEnd(47)}  ${letters.join('')}`);
  }
  return lines.join('\n');
}

function textOf(data) {
  try {
    // A character that the end of the preview cuts is no reason to show bytes.
    return new TextDecoder('utf-8', {fatal: true}).decode(data, {stream: true});
  } catch {
    return null;
  }
}

/** Drawn, not linked: a picture needs no address that the page would have to be allowed. */
async function pictureOf(blob, key) {
  const bitmap = await createImageBitmap(blob);
  const canvas = h('canvas', {class: 'picture', width: bitmap.width, height: bitmap.height,
    role: 'img', 'aria-label': `Picture ${key}, ${bitmap.width} by ${bitmap.height} pixels`});
  canvas.getContext('2d').drawImage(bitmap, 0, 0);
  return canvas;
}

async function previewOf(path, key, size, type) {
  if (size === 0) return h('p', {class: 'empty'}, 'The object is empty.');
  if (/^image\/(png|jpeg|gif|webp|bmp|avif)/.test(type) && size <= IMAGE_MOST)
    return pictureOf(await (await rest('s3', 'GET', path)).blob(), key);
  const reply = await rest('s3', 'GET', path, {headers: {range: `bytes=0-${PREVIEW - 1}`}});
  const data = new Uint8Array(await reply.arrayBuffer());
  const text = textOf(data);
  const isCut = size > PREVIEW;
  return [h('pre', {class: 'code', tabindex: '0', 'aria-label': 'Content'},
    text === null ? hexOf(data) : isCut ? text : pretty(text)),
  (isCut || text === null) && h('small', {class: 'soft'},
    `The beginning of ${bytes(size)}${text === null ? ', as bytes' : ''}.`)];
}

async function download(path, key) {
  const blob = await (await rest('s3', 'GET', path)).blob();
  const address = URL.createObjectURL(new Blob([blob], {type: 'application/octet-stream'}));
  h('a', {href: address, download: key.split('/').pop() || 'object'}).click();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

function factsOf(headers, row) {
  const meta = [...headers].filter(([name]) => name.startsWith('x-amz-meta-'));
  const told = HEADERS.map((name) => [name, headers.get(name)]).filter(([, value]) => value);
  return h('dl', {class: 'facts'},
    [['size', bytes(row.size)], ['changed', time(row.changed).slice(0, 19)], ...told, ...meta]
      .map(([name, value]) => h('div', {}, h('dt', {}, name), h('dd', {class: 'mono'}, value))));
}

/** Shows an object of a listing in a dialog. */
export async function openObject(bucket, row) {
  const path = `/${encode(bucket)}/${encodePath(row.key)}`;
  const place = h('div', {}, h('p', {class: 'empty'}, 'Reading …'));
  const trouble = h('div');
  const body = h('div', {}, h('div', {class: 'toolbar'},
    h('button', {type: 'button', class: 'main', onclick: () => download(path, row.key)
      .catch((error) => replace(trouble, errorBox(error)))}, 'Download'),
    copyAs({service: 's3', operation: 'GetObject', params: {Bucket: bucket, Key: row.key}}),
    causeButton({resource: `arn:aws:s3:::${bucket}`, id: row.key,
      close: () => shown.close()})), trouble, place);
  const shown = dialog({title: row.key, body, wide: true});
  try {
    const {headers} = await rest('s3', 'HEAD', path);
    replace(place, factsOf(headers, row),
      await previewOf(path, row.key, row.size, headers.get('content-type') ?? ''));
  } catch (error) {
    replace(place, errorBox(error));
  }
}
