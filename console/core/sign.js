// Signatures of version 4, as AWS's SDKs make them. A server that does not check them still reads
// the region and the service from them.
import {region, setting} from './session.js';

const encoder = new TextEncoder();
const keys = new Map();  // derived keys by day, region, service and secret

/** Percent-encodes all but what RFC 3986 leaves alone. */
export function encode(text) {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (c) => '%' + c.charCodeAt(0).toString(16).toUpperCase());
}

/** A key of an object as a path. */
export function encodePath(path) {
  return path.split('/').map(encode).join('/');
}

export function encodeQuery(query) {
  return Object.entries(query ?? {})
    .filter(([, value]) => value !== undefined && value !== null)
    .flatMap(([name, value]) => [value].flat().map((one) => [encode(name), encode(String(one))]))
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function hex(buffer) {
  return [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function digest(body) {
  const bytes = body instanceof Blob ? await body.arrayBuffer()
    : body instanceof ArrayBuffer || ArrayBuffer.isView(body) ? body : encoder.encode(body ?? '');
  return hex(await crypto.subtle.digest('SHA-256', bytes));
}

async function hmac(key, text) {
  const secret = await crypto.subtle.importKey('raw', key, {name: 'HMAC', hash: 'SHA-256'}, false,
    ['sign']);
  return crypto.subtle.sign('HMAC', secret, encoder.encode(text));
}

async function signingKey(day, service) {
  const secret = setting('secretAccessKey');
  const name = [day, region(), service, secret].join('/');
  if (!keys.has(name)) {
    let key = encoder.encode('AWS4' + secret);
    for (const part of [day, region(), service, 'aws4_request']) key = await hmac(key, part);
    keys.set(name, key);
  }
  return keys.get(name);
}

function timestamp() {
  return new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
}

/** The headers of the request with its signature. `path` is percent-encoded as it will be sent;
 * `service` is the name in the scope. */
export async function sign({method, path, query, headers, body, service}) {
  const time = timestamp();
  const day = time.slice(0, 8);
  const signed = {...headers, 'x-amz-date': time};
  const isS3 = service === 's3';
  // Only on loopback and with TLS do browsers have it: elsewhere nobody checks what is signed.
  const canSign = Boolean(globalThis.crypto?.subtle);
  const isUnsigned = !canSign || (isS3 && body instanceof Blob);
  const hash = isUnsigned ? 'UNSIGNED-PAYLOAD' : await digest(body);
  if (isS3) signed['x-amz-content-sha256'] = hash;
  if (setting('sessionToken')) signed['x-amz-security-token'] = setting('sessionToken');
  const all = {...Object.fromEntries(Object.entries(signed).map(([k, v]) => [k.toLowerCase(), v])),
    host: location.host};
  const names = Object.keys(all).filter((name) => name === 'host' || name.startsWith('x-amz-'))
    .sort();
  const canonical = [method, isS3 ? path : encodePath(path), encodeQuery(query),
    ...names.map((name) => `${name}:${String(all[name]).trim().replace(/ +/g, ' ')}`), '',
    names.join(';'), hash].join('\n');
  const scope = `${day}/${region()}/${service}/aws4_request`;
  let signature = '0'.repeat(64);
  if (canSign) {
    const text = ['AWS4-HMAC-SHA256', time, scope, await digest(canonical)].join('\n');
    signature = hex(await hmac(await signingKey(day, service), text));
  }
  return {...signed, Authorization:
    `AWS4-HMAC-SHA256 Credential=${setting('accessKeyId')}/${scope}, ` +
    `SignedHeaders=${names.join(';')}, Signature=${signature}`};
}
