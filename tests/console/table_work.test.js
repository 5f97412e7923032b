// What the query builder asks for, and values of all types, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createFilms, dynamodb} from './requests.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage();

const FILMS = [1979, 1986, 1992, 1997].map((year) => ({title: 'Alien', year, director: 'various'}));
const rows = (page) => page.getByRole('table', {name: 'Items'}).locator('tbody tr');
const run = (page) => page.getByRole('button', {name: 'Run', exact: true}).click();

/** The page of a table of films, with items besides that have attributes of their own. */
async function openFilms(name, items = []) {
  await createFilms(server, name, FILMS);
  for (const Item of items) await dynamodb(server, 'PutItem', {TableName: name, Item});
  const page = await browser.open(server, `#/tables/${name}`);
  await page.getByText(`Scan: ${FILMS.length + items.length} items`).waitFor();
  return page;
}

test('a range of sort keys is asked for, and the last first', async () => {
  const page = await openFilms('ranged');
  await page.getByLabel('title (S)').fill('Alien');
  await page.getByLabel('Condition').selectOption('between');
  await page.getByLabel('year (N)').fill('1980');
  await page.getByLabel('and', {exact: true}).fill('1993');
  await page.getByLabel('Last first').check();
  await run(page);
  await page.getByText('Query: 2 items of 2').waitFor();
  assert.match(await rows(page).first().innerText(), /1992/);
  assert.match(await rows(page).last().innerText(), /1986/);
  await expectClean(page);
});

test('filters look into maps and lists, know types, and are taken away again', async () => {
  const page = await openFilms('filtered', [
    {title: {S: 'Dune'}, year: {N: '1984'}, cut: {M: {long: {BOOL: true}}}},
    {title: {S: 'Dune'}, year: {N: '2021'}, cut: {M: {long: {BOOL: false}}},
      parts: {L: [{M: {name: {S: 'one'}}}]}}]);
  const filter = async (path, operator, type, value) => {
    await page.getByRole('button', {name: '+ Filter'}).click();
    await page.getByLabel('Attribute').fill(path);
    await page.locator('.filter').getByLabel('Condition').selectOption(operator);
    await page.locator('.filter').getByLabel('Type').selectOption(type);
    await page.getByLabel('Value', {exact: true}).fill(value);
    await run(page);
  };
  const drop = () => page.getByRole('button', {name: 'Remove this filter'}).click();
  await filter('cut.long', '=', 'BOOL', 'true');
  await page.getByText('Scan: 1 items of 6').waitFor();
  assert.match(await rows(page).innerText(), /1984/);
  await drop();
  await filter('parts[0].name', 'begins_with', 'S', 'on');
  await rows(page).filter({hasText: '2021'}).waitFor();
  await page.getByText('Scan: 1 items of 6').waitFor();
  assert.equal(await rows(page).count(), 1);
  await drop();
  await filter('cut', 'does not exist', 'S', '');
  await page.getByText('Scan: 4 items of 6').waitFor();
  await drop();
  await filter('year', '>', 'N', '1990');
  await page.getByText('Scan: 3 items of 6').waitFor();
  await drop();
  await run(page);
  await page.getByText('Scan: 6 items of 6').waitFor();
  await expectClean(page);
});

test('an item that gets another key is a second one, and overwrites nobody', async () => {
  const page = await openFilms('keyed');
  await page.getByRole('button', {name: 'Edit title = Alien, year = 1979'}).click();
  const editor = page.getByRole('dialog').getByLabel('Item');
  await editor.fill('{"title": {"S": "Alien"}, "year": {"N": "1986"}}');
  await page.getByRole('button', {name: 'Save'}).click();
  await page.getByText('ConditionalCheckFailedException').waitFor();
  await editor.fill('{"title": {"S": "Alien"}, "year": {"N": "2024"}}');
  await page.getByRole('button', {name: 'Save'}).click();
  await page.getByText('a second item was written').waitFor();
  await page.getByText('Scan: 5 items').waitFor();
});

test('sets, lists, maps and numbers that no double holds are read as they are', async () => {
  const page = await openFilms('typed', [{title: {S: 'Dune'}, year: {N: '2021'},
    director: {S: 'Villeneuve'}, numbers: {NS: ['1', '2.5']}, words: {SS: ['a', 'b']},
    nested: {L: [{M: {a: {NULL: true}}}]}, large: {N: '12345678901234567890123456789'}}]);
  const cells = (await rows(page).filter({hasText: 'Villeneuve'}).getByRole('cell')
    .allInnerTexts());
  for (const text of ['[{"a":null}]', '["a","b"]', '12345678901234567890123456789'])
    assert.ok(cells.includes(text), `${text} among ${cells}`);
  assert.ok(cells.some((text) => ['[1,2.5]', '[2.5,1]'].includes(text)), cells.join());
});

test('a stream tells what was removed and what came', async () => {
  await createFilms(server, 'removed', FILMS.slice(0, 1));
  const Key = {title: {S: 'Alien'}, year: {N: '1979'}};
  await dynamodb(server, 'UpdateItem', {TableName: 'removed', Key,
    UpdateExpression: 'REMOVE director SET stars = :s',
    ExpressionAttributeValues: {':s': {N: '5'}}});
  await dynamodb(server, 'DeleteItem', {TableName: 'removed', Key});
  const page = await browser.open(server, '#/tables/removed?tab=stream');
  await page.getByText('− director: various').waitFor();
  await page.getByText('+ stars: 5').waitFor();
  await page.getByText('− remove').waitFor();
  const kinds = await page.getByRole('table', {name: 'Changes'}).locator('.badge').allInnerTexts();
  assert.deepEqual(kinds, ['− remove', '~ modify', '+ insert']);
  await expectClean(page);
});
