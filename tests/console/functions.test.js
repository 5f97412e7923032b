// The pages of functions, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {picture, rest} from './matinee.js';
import {HOSTILE} from './requests.js';
import {browser, expectClean, server, setStage} from './stage.js';

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

async function createFunction(name) {
  await rest(server, 'lambda', 'POST', '/2015-03-31/functions', {body: JSON.stringify({
    FunctionName: name, Runtime: 'python3.11', Handler: 'app.handler',
    Role: 'arn:aws:iam::000000000000:role/any', Environment: {Variables: {NOTE: HOSTILE}},
    Code: {ZipFile: zip('app.py', CODE).toString('base64')}})});
}

setStage();

test('a function is called with an event, and its log stands beside the call that wrote it',
  async () => {
    await createFunction('greet');
    const page = await browser.open(server, '#/functions');
    await page.getByRole('link', {name: 'greet'}).click();
    await page.getByLabel('Event', {exact: true}).fill(JSON.stringify({name: HOSTILE}));
    await page.getByRole('button', {name: 'Invoke'}).click();
    await page.getByText('✓ answered').waitFor();
    await page.getByText('❄ cold').waitFor();
    await page.locator('details.invocation summary').first().click();
    await page.getByLabel(/^Log of/).getByText('got {"name"').waitFor();
    await picture(page, 'function');
    await expectClean(page);
  });

test('an earlier event is edited and sent again, and a failure is told', async () => {
  await createFunction('again');
  const page = await browser.open(server, '#/functions/again');
  await page.getByLabel('Event', {exact: true}).fill('{"first": 1}');
  await page.getByRole('button', {name: 'Invoke'}).click();
  await page.getByText('✓ answered').waitFor();
  await page.getByLabel('Event', {exact: true}).fill('{"fail": "on purpose"}');
  await page.getByRole('button', {name: 'Invoke'}).click();
  await page.getByText('✕ Unhandled').waitFor();
  await page.getByLabel('Begin with').selectOption('sent 1');
  const text = await page.getByLabel('Event', {exact: true}).inputValue();
  assert.deepEqual(JSON.parse(text), {first: 1});
  await page.locator('details.invocation').getByText('✕ error').waitFor();
  await expectClean(page);
});

test('the code is read out of the package, and the configuration is told', async () => {
  await createFunction('read');
  const page = await browser.open(server, '#/functions/read?tab=code');
  await page.getByLabel('app.py').getByText('raise ValueError').waitFor();
  await picture(page, 'function-code');
  await expectClean(page);
  await page.getByRole('tab', {name: 'Configuration'}).click();
  await page.getByRole('cell', {name: HOSTILE}).waitFor();
  await page.getByRole('tab', {name: 'Event sources'}).click();
  await page.getByText('It reads no queue and no stream.').waitFor();
  await expectClean(page);
});
