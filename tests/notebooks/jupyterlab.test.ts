/** How the tests drive JupyterLab: a file that another tab covers is asked for again, and what else goes wrong is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'puppeteer-core';
import { openFile } from '../../scripts/notebooks/jupyterlab';

/** A page that says so of each wait, and how often it was asked to open a file. */
function pageOf(...waits: (Error | 'there')[]) {
  const asked: string[] = [];
  const page = {
    evaluate: async (_: unknown, id: string, { path }: { path: string }) => void asked.push(`${id} ${path}`),
    waitForFunction: async () => {
      const next = waits.shift();
      if (next instanceof Error) throw next;
    },
  };
  return { page: page as unknown as Page, asked };
}

const late = Object.assign(new Error('waited'), { name: 'TimeoutError' });

test('a file that does not come to the front is asked for again', async () => {
  const { page, asked } = pageOf(late, late, 'there', 'there');
  await openFile(page, 'my-work/mine.ipynb');
  assert.deepEqual(asked, Array(3).fill('docmanager:open my-work/mine.ipynb'));
});

test('a page that is gone is not asked again, and a kernel that does not come is told', async () => {
  const gone = pageOf(new Error('Session closed'));
  await assert.rejects(openFile(gone.page, 'a.ipynb'), /Session closed/);
  assert.equal(gone.asked.length, 1);
  await assert.rejects(openFile(pageOf('there', late).page, 'a.ipynb'), /waited/);
});
