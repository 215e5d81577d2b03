/** A cell of a page that runs, as its reader uses it. */
import type { Page } from 'puppeteer-core';

/** Puts code into the first cell, runs it, and tells what the cell and the bar say when that has ended. */
export async function tryOut(page: Page, code: string): Promise<() => Promise<{ output: string; status: string }>> {
  await page.waitForSelector('.lab-run-bar .runAll:not([disabled])');
  await page.$eval('.code-cell', cell => cell.querySelectorAll<HTMLButtonElement>('.lab-cell-bar button')[1].click());
  await page.focus('.code-cell .cm-content');
  await page.keyboard.down('Control');
  await page.keyboard.press('a');
  await page.keyboard.up('Control');
  await insert(page, code);
  await page.keyboard.down('Shift');
  await page.keyboard.press('Enter');
  await page.keyboard.up('Shift');
  return async () => {
    await page.waitForSelector('.lab-run-bar .runAll:not([disabled])', { timeout: 120_000 });
    return page.evaluate(() => ({
      output: document.querySelector('.code-cell .outputs')!.textContent ?? '',
      status: document.querySelector('.lab-run-bar [role=status]')!.textContent ?? '',
    }));
  };
}

/** Puts text where the cursor is; Firefox's driver types single keys only. */
export async function insert(page: Page, text: string): Promise<void> {
  if (!/^firefox/i.test(await page.browser().version())) return page.keyboard.sendCharacter(text);
  await page.evaluate(words => void document.execCommand('insertText', false, words), text);
}
