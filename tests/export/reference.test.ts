/** The reference of the lib: made without a network, each public name on a page with its example, and open in a browser. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startBrowser } from '../../scripts/export/browser';
import { writeReference } from '../../scripts/export/reference';
import { newFolder } from '../folder';

const NAMES = { train: 'functions', lineChart: 'functions', Vae: 'classes', TrainOptions: 'interfaces' } as const;

it('the reference has a page for each name, with signature, words and example, and asks no network', async () => {
  const site = newFolder('reference');
  const index = await writeReference(site);
  assert.equal(path.relative(site, index), path.join('api', 'index.html'));
  for (const [name, kind] of Object.entries(NAMES)) {
    const page = fs.readFileSync(path.join(site, 'api', kind, `${name}.html`), 'utf8');
    assert.match(page, kind === 'interfaces' ? /stepsPerEpoch/ : /Example/, name);
  }
  assert.ok(fs.readdirSync(path.join(site, 'api', 'functions')).length > 200);
  const browser = await startBrowser();
  const page = await browser.newPage();
  const outside: string[] = [];
  page.on('request', request => {
    if (!/^(file|data|blob):/.test(request.url())) outside.push(request.url());
  });
  await page.goto(pathToFileURL(index).href, { waitUntil: 'load' });
  const words = await page.evaluate(() => document.body.innerText);
  await browser.close();
  assert.deepEqual(outside, []);
  assert.match(words, /lineChart/);
});
