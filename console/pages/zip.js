// Reads ZIP archives: the packages of functions.

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

function findEnd(view) {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 65557); --at)
    if (view.getUint32(at, true) === END) return at;
  throw new Error('This is no ZIP archive.');
}

/** The files of an archive: [{name, size, read() -> Promise<Uint8Array>}], sorted by name. */
export function readZip(buffer) {
  const view = new DataView(buffer);
  const end = findEnd(view);
  const files = [];
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; --left) {
    if (view.getUint32(at, true) !== ENTRY) throw new Error('The ZIP archive is damaged.');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) =>
      view.getUint16(at + offset, true));
    const entry = {method: view.getUint16(at + 10, true), packed: view.getUint32(at + 20, true),
      start: view.getUint32(at + 42, true)};
    const name = new TextDecoder().decode(new Uint8Array(buffer, at + 46, nameLength));
    if (!name.endsWith('/')) {
      files.push({name, size: view.getUint32(at + 24, true),
        read: () => readEntry(buffer, view, entry)});
    }
    at += 46 + nameLength + extraLength + commentLength;
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readEntry(buffer, view, {method, packed, start}) {
  const data = start + 30 + view.getUint16(start + 26, true) + view.getUint16(start + 28, true);
  const bytes = new Uint8Array(buffer, data, packed);
  if (method === STORED) return bytes;
  if (method !== DEFLATED)
    throw new Error(`Files that are packed by method ${method} are not read.`);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
