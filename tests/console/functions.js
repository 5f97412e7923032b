// Functions for the tests of pages, and the archives that they are.
import {rest} from './matinee.js';
import {HOSTILE} from './requests.js';

// A package as zip makes it: app.py, which says what it got and fails where the event wants it.
const CODE = `import json
def handler(event, context):
    print("got", json.dumps(event))
    if event.get("fail"):
        raise ValueError(event["fail"])
    return {"told": event}
`;

function crcOf(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

/** An archive with one file, not packed. */
function zip(name, text) {
  const [path, data] = [Buffer.from(name), Buffer.from(text)];
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt32LE(crcOf(data), 10);
  common.writeUInt32LE(data.length, 14);
  common.writeUInt32LE(data.length, 18);
  common.writeUInt16LE(path.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, path, data]);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(0o644 << 16, 6);
  const entry = Buffer.concat([Buffer.from('PK\x01\x02\x14\x03'), common, rest, path]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(entry.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, entry, Buffer.from('PK\x05\x06'), end]);
}

/** A function in Python; `more` goes into its settings. */
export async function createFunction(server, name, more = {}) {
  await rest(server, 'lambda', 'POST', '/2015-03-31/functions', {body: JSON.stringify({
    FunctionName: name, Runtime: 'python3.11', Handler: 'app.handler',
    Role: 'arn:aws:iam::000000000000:role/any', Environment: {Variables: {NOTE: HOSTILE}},
    Code: {ZipFile: zip('app.py', CODE).toString('base64')}, ...more})});
}
