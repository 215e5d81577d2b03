/** JupyterLab in a real browser: a reader opens a lesson, presses Run All, and sees live charts and no error. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Browser, Page } from 'puppeteer-core';
import { startBrowser } from '../../scripts/export/browser';
import {
  chooseMenu,
  type JupyterLab,
  notebookState,
  openNotebook,
  startJupyterLab,
  untilDone,
} from '../../scripts/notebooks/jupyterlab';
import { allLessons, readNotebook, tagsOf } from '../../scripts/notebooks/notebook';
import { pictureFile } from '../screenshots';

const SAMPLER = path.join(__dirname, '..', 'fixtures', 'notebooks', '00-sampler.ipynb');
const VAE = allLessons().find(lesson => lesson.name.startsWith('10-'))?.files.en;

/** Asks until it is done: a notebook that is still being drawn lets the command pass by. */
async function clearOutputs(page: Page): Promise<void> {
  for (let attempt = 0; attempt < 20; attempt++) {
    await chooseMenu(page, 'Edit', 'editmenu:clear-all');
    await new Promise(resolve => setTimeout(resolve, 1000));
    if ((await notebookState(page)).charts === 0) return;
  }
}

describe('JupyterLab', () => {
  let lab: JupyterLab;
  let browser: Browser;
  before(async () => {
    lab = await startJupyterLab(VAE ? [SAMPLER, VAE] : [SAMPLER], { LAB_QUICK: '1', LAB_CLAIMS: 'strict' });
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    await lab?.stop();
  });

  it('runs the sampler: a Vega chart, two plotly figures, the one error it is meant to have', async () => {
    const page = await openNotebook(browser, lab.url(SAMPLER));
    await chooseMenu(page, 'Run', 'runmenu:run-all');
    const state = await untilDone(page, 180);
    await page.screenshot({ path: pictureFile('sampler.png') });
    await page.close();
    assert.equal(state.errors.length, 1);
    assert.match(state.errors[0], /expected images \[B, 28, 28, 1\]/);
    assert.ok(state.charts >= 3, `${state.charts} charts`);
  });

  it('runs lesson 10 in quick mode: every cell, live charts, no error', {
    skip: !VAE && 'lesson 10 is not there',
  }, async () => {
    const cells = readNotebook(VAE!).cells.filter(cell => cell.cell_type === 'code' && cell.source.trim());
    const page = await openNotebook(browser, lab.url(VAE));
    await clearOutputs(page);
    assert.equal((await notebookState(page)).charts, 0, 'old charts are cleared away');
    await chooseMenu(page, 'Run', 'runmenu:run-all');
    const state = await untilDone(page, 300);
    await page.evaluate(() => {
      const charts = document.querySelectorAll('.jp-OutputArea :is(.vega-embed, .js-plotly-plot)');
      const seen = Array.from(charts).filter(chart => chart.getBoundingClientRect().width > 100);
      seen[0]?.closest('.jp-Cell')?.scrollIntoView({ block: 'start' });
    });
    await page.screenshot({ path: pictureFile('lesson-10.png') });
    await page.close();
    assert.equal(
      state.errors.length,
      cells.filter(cell => tagsOf(cell).includes('raises-exception')).length,
      state.errors.join('\n'),
    );
    assert.ok(state.charts > 0, 'a live chart is drawn');
    assert.equal(state.ran, cells.length);
  });
});
