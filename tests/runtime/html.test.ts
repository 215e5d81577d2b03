import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { JSDOM } from 'jsdom';
import { showDataFrame } from '../../lib/kernel/runner/table';
import { Linear, Module } from '../../lib/nn';
import { JointTable } from '../../lib/probability';
import { DISPLAY, type Displayable, KERNEL, type KernelBridge, type MimeBundle } from '../../lib/runtime/display';
import { escapeXml, html } from '../../lib/runtime/html';
import { progressBar, type TrainingResult } from '../../lib/training';

const TEXT = fc.string({ unit: 'binary', maxLength: 40 });

test('any text in a hole is read back as it is, in content and in attributes', () => {
  fc.assert(
    fc.property(TEXT, text => {
      const source = html`<p title="${text}">${text}</p>`.source;
      const { document } = new JSDOM(`<!DOCTYPE html>${source}`).window;
      const wanted = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
      const read = wanted.replace(/\r\n?/g, '\n'); // as HTML reads line ends
      assert.equal(document.querySelector('p')?.textContent, read);
      assert.equal(document.querySelector('p')?.getAttribute('title'), read);
    }),
  );
});

test('any text is well-formed XML', () => {
  fc.assert(
    fc.property(TEXT, text => {
      const { document } = new JSDOM(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`, { contentType: 'text/xml' })
        .window;
      assert.equal(document.documentElement.tagName, 'a');
    }),
  );
});

test('markup in a hole stays markup, lists are joined, nothing shows as nothing', () => {
  const rows = ['<a>', 2, null, undefined, html`<i>${'&'}</i>`];
  assert.equal(html`<b>${rows}</b>${false}`.source, '<b>&lt;a&gt;2<i>&amp;</i></b>false');
});

const NASTY = '<img src=x onerror=alert(1)> & "quotes" $& $1';
/** What shows a name that the reader chose, as HTML. */
const shown: Record<string, () => MimeBundle> = {
  'a data frame': () =>
    showDataFrame({ shape: [1, 1], columns: [NASTY], index: [NASTY], values: [[NASTY]], toString: () => '' }),
  'a module': () => {
    class Net extends Module {
      [NASTY] = new Linear(1, 1);
    }
    return (new Net() as Displayable)[DISPLAY]() as MimeBundle;
  },
  'a joint table': () =>
    new JointTable(
      [NASTY, 'b'],
      [NASTY, 'd'],
      [
        [0.25, 0.25],
        [0.25, 0.25],
      ],
    )[DISPLAY]() as MimeBundle,
};

for (const [what, show] of Object.entries(shown)) {
  test(`${what} escapes names`, () => {
    const { document } = new JSDOM(show()['text/html'] as string).window;
    assert.equal(document.querySelector('img'), null);
    assert.ok(document.body.textContent?.includes(NASTY));
  });
}

test('a progress bar escapes what a run is called', async () => {
  const place = globalThis as { [KERNEL]?: KernelBridge };
  let last = '';
  place[KERNEL] = {
    display: data => {
      last = data['text/html'] as string;
    },
    clearOutput() {},
    onInterrupt: () => () => {},
  };
  try {
    const bar = progressBar();
    await bar.onStart?.({ epochs: 1, totalSteps: 2, startStep: 0 });
    await bar.onEnd?.({ toString: () => NASTY } as TrainingResult);
  } finally {
    delete place[KERNEL];
  }
  const { document } = new JSDOM(last).window;
  assert.equal(document.querySelector('img'), null);
  assert.ok(document.querySelector('[role=status]')?.textContent?.endsWith(NASTY));
});
