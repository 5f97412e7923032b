// The pages of tables, in Chromium.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {call, findBarriers, picture} from './matinee.js';
import {createFilms, dynamodb, HOSTILE} from './requests.js';
import {browser, expectClean, server, setStage} from './stage.js';

setStage();

const FILMS = [{title: 'Alien', year: 1979, director: 'Scott'},
  {title: 'Alien', year: 1986, director: 'Cameron'}, {title: 'Dune', year: 1984, director: 'Lynch'},
  {title: 'Dune', year: 2021, director: HOSTILE}];
const rows = (page) => page.getByRole('table', {name: 'Items'}).locator('tbody tr');

test('all items are scanned, and what they contain does not run', async () => {
  await createFilms(server, 'scanned', FILMS);
  const page = await browser.open(server, '#/tables');
  await page.getByRole('link', {name: 'scanned'}).click();
  await page.getByText('Scan: 4 items of 4').waitFor();
  await page.getByRole('cell', {name: HOSTILE}).waitFor();
  await picture(page, 'table');
  await expectClean(page);
});

test('the query builder asks the table and its indexes by keys, sort conditions and filters',
  async () => {
    await createFilms(server, 'queried', FILMS);
    const page = await browser.open(server, '#/tables/queried');
    await page.getByText('Scan: 4 items').waitFor();
    await page.getByLabel('title (S)').fill('Alien');
    await page.getByLabel('Condition').selectOption('>');
    await page.getByLabel('year (N)').fill('1980');
    await page.getByRole('button', {name: 'Run', exact: true}).click();
    await page.getByText('Query: 1 items of 1').waitFor();
    assert.match(await rows(page).innerText(), /Cameron/);
    await page.getByLabel('Look in').selectOption('by-director');
    await page.getByLabel('director (S)').fill('Lynch');
    await page.getByRole('button', {name: '+ Filter'}).click();
    await page.getByLabel('Attribute').fill('title');
    await page.getByLabel('Value', {exact: true}).fill('Dune');
    await page.getByRole('button', {name: 'Run', exact: true}).click();
    await page.getByText('Query: 1 items of 1').waitFor();
    assert.match(await rows(page).innerText(), /1984/);
    await picture(page, 'table-query');
    await expectClean(page);
  });

test('more pages of a table are read one after another', async () => {
  await createFilms(server, 'paged', FILMS);
  const page = await browser.open(server, '#/tables/paged');
  await page.getByText('Scan: 4 items').waitFor();
  await page.getByLabel('Items a page').fill('3');
  await page.getByRole('button', {name: 'Run', exact: true}).click();
  await page.getByText(/Scan: 3 items .* there is more/).waitFor();
  await page.getByRole('button', {name: 'More', exact: true}).click();
  await page.getByText('Scan: 4 items').waitFor();
});

test('an item that was written within a trace leads to its journey', async () => {
  await createFilms(server, 'caused', []);
  await call(server, 'DynamoDB_20120810', 'PutItem', {TableName: 'caused',
    Item: {title: {S: 'Brazil'}, year: {N: '1985'}, stars: {N: '5'}}},
  {'x-amzn-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272795'});
  const page = await browser.open(server, '#/tables/caused');
  await page.getByRole('button', {name: 'Edit title = Brazil, year = 1985'}).click();
  await page.getByRole('button', {name: 'What caused it'}).click();
  await page.getByRole('heading', {name: 'Journey'}).waitFor();
  await page.getByText('Brazil/1985').first().waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0);
});

test('an item is edited and deleted, and a new one does not overwrite another', async () => {
  await createFilms(server, 'edited', FILMS.slice(0, 1));
  const page = await browser.open(server, '#/tables/edited');
  const Key = {title: {S: 'Alien'}, year: {N: '1979'}};
  await page.getByRole('button', {name: 'Edit title = Alien, year = 1979'}).click();
  const editor = page.getByRole('dialog').getByLabel('Item');
  await editor.fill(JSON.stringify({...Key, stars: {N: '5'}}));
  await picture(page, 'item');
  assert.deepEqual(await findBarriers(page), []);
  await page.getByRole('button', {name: 'Save'}).click();
  await page.getByRole('columnheader', {name: 'stars'}).waitFor();
  const {Item} = await dynamodb(server, 'GetItem', {TableName: 'edited', Key});
  assert.deepEqual(Item, {...Key, stars: {N: '5'}});

  await page.getByRole('button', {name: 'New item'}).click();
  await editor.fill(JSON.stringify(Key));
  await page.getByRole('button', {name: 'Save'}).click();
  await page.getByText('ConditionalCheckFailedException').waitFor();
  await page.getByRole('button', {name: 'Cancel'}).click();

  await page.getByRole('button', {name: 'Edit title = Alien, year = 1979'}).click();
  await page.getByRole('dialog').getByRole('button', {name: 'Delete'}).click();
  await page.getByRole('dialog', {name: 'Delete an item'}).getByRole('button', {name: 'Delete'})
    .click();
  await page.getByText('No item.').waitFor();
});

test('the stream shows what changed, and changes that come later by themselves', async () => {
  await createFilms(server, 'streamed', FILMS.slice(0, 1));
  const page = await browser.open(server, '#/tables/streamed?tab=stream');
  await page.getByText('+ insert').waitFor();
  await dynamodb(server, 'UpdateItem', {TableName: 'streamed',
    Key: {title: {S: 'Alien'}, year: {N: '1979'}}, UpdateExpression: 'SET director = :d',
    ExpressionAttributeValues: {':d': {S: 'Varda'}}});
  await page.getByText('director: Scott → Varda').waitFor();
  await picture(page, 'stream');
  await expectClean(page);
});
