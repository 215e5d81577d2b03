/** What is the reader's own: notebooks beside the lessons, the folder my-work, the template, resetting, exporting. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { courseLessons } from '../../lib/course/map';
import { main as exportCommand } from '../../scripts/export';
import { startBrowser } from '../../scripts/export/browser';
import { notRunLine, ownFiles, readOwn } from '../../scripts/export/own';
import { executeNotebook, failureText } from '../../scripts/notebooks/execute';
import { MY_WORK, makeMyWork } from '../../scripts/notebooks/my-work';
import {
  allLessons,
  type Notebook,
  notebookText,
  ROOT,
  readNotebook,
  selectLessons,
} from '../../scripts/notebooks/notebook';
import { keepShipped } from '../../scripts/notebooks/shipped';
import { main as reset } from '../../scripts/reset';
import { visit } from '../export/offline';
import { newFolder } from '../folder';
import { measureSvg } from '../plot/measure-contrast';

const notebook = (text: string): Notebook => ({
  cells: [{ cell_type: 'markdown', id: 'a', metadata: {}, source: text }],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
});

/** A small course in a folder of its own. */
function course(names: string[]): string {
  const root = newFolder('course');
  write(root, 'package.json', '{"version": "1.2.3"}');
  for (const name of names) {
    write(root, `notebooks/${name}.ipynb`, notebookText(notebook(`# ${name}\n\nEnglish`)));
    write(root, `notebooks/zh/${name}.ipynb`, notebookText(notebook(`# ${name}\n\n中文`)));
  }
  return root;
}

function write(root: string, name: string, text: string): string {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  return file;
}

const read = (root: string, name: string) => fs.readFileSync(path.join(root, name), 'utf8');

describe("a reader's notebooks beside the lessons", () => {
  it('are no lessons: what Jupyter names, copies, and what is there in one language', () => {
    const root = course(['03-bayes', 'glossary']);
    const own = [
      'Untitled.ipynb',
      'Untitled1.ipynb',
      '03-bayes-Copy1.ipynb',
      '04-mine.ipynb',
      'zh/我的.ipynb',
      'zh/Untitled.ipynb',
    ];
    for (const name of own) write(root, `notebooks/${name}`, notebookText(notebook('mine')));
    assert.deepEqual(
      allLessons(root).map(l => l.name),
      ['03-bayes', 'glossary'],
    );
    assert.deepEqual(
      selectLessons(['03'], root).map(l => l.name),
      ['03-bayes'],
    );
    assert.deepEqual(
      courseLessons(path.join(root, 'notebooks')).map(l => l.name),
      ['03-bayes'],
    );
    assert.throws(() => selectLessons(['04-mine'], root), /notebooks\/04-mine\.ipynb is there in one language only/);
  });

  it('are all that is not in both languages: every committed notebook is', () => {
    const tracked = execFileSync('git', ['ls-files', '-z', 'notebooks'], { cwd: ROOT, encoding: 'utf8' }).split('\0');
    const names = tracked.flatMap(name => /^notebooks\/(?:zh\/)?([^/]+)\.ipynb$/.exec(name)?.[1] ?? []);
    assert.deepEqual(
      [...new Set(names)].sort(),
      allLessons().map(l => l.name),
    );
  });

  it('have a folder that git does not see, with a note and a template in both languages; made once', () => {
    const root = course([]);
    for (const place of ['', 'zh/']) {
      const name = `notebooks/templates/${place}start-your-own.ipynb`;
      write(root, name, read(ROOT, name));
    }
    assert.equal(makeMyWork(root), true);
    assert.deepEqual(fs.readdirSync(path.join(root, MY_WORK)), ['README.md', 'start-your-own.ipynb', 'zh']);
    assert.match(read(root, `${MY_WORK}/README.md`), /npm run export -- my-work/);
    fs.rmSync(path.join(root, MY_WORK, 'start-your-own.ipynb'));
    assert.equal(makeMyWork(root), false);
    assert.ok(!fs.existsSync(path.join(root, MY_WORK, 'start-your-own.ipynb')), 'what the reader deleted stays away');
    const ignored = ['a.ipynb', 'zh/b.ipynb', 'data.csv']
      .map(name => `${MY_WORK}/${name}`)
      .concat('notebooks/Untitled2.ipynb');
    const said = execFileSync('git', ['check-ignore', ...ignored], { cwd: ROOT, encoding: 'utf8' });
    assert.deepEqual(said.trim().split('\n'), ignored);
  });

  for (const place of ['', 'zh/']) {
    it(`${place}start-your-own.ipynb runs where a reader's copy lies`, async () => {
      const file = path.join(newFolder('own'), place, 'start-your-own.ipynb');
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.copyFileSync(path.join(ROOT, 'notebooks', 'templates', place, 'start-your-own.ipynb'), file);
      const output = `${file}.out`;
      const { failure } = await executeNotebook(file, { output, quick: true, timeoutSeconds: 200 });
      assert.equal(failure && failureText(failure), undefined);
      const shown = JSON.stringify(readNotebook(output).cells.map(cell => cell.outputs));
      assert.match(shown, place ? /损失从 [\d.]+ 降到/ : /loss falls from/);
    });
  }

  it('the pages of both languages have names of their own', () => {
    const names = ['', 'zh/'].map(
      place => readOwn(path.join(ROOT, `notebooks/templates/${place}start-your-own.ipynb`)).name,
    );
    assert.deepEqual(names, ['start-your-own', 'start-your-own-zh']);
  });

  it('the template has the same cells in both languages', () => {
    const [en, zh] = ['', 'zh/'].map(place =>
      readNotebook(path.join(ROOT, `notebooks/templates/${place}start-your-own.ipynb`)),
    );
    assert.deepEqual(
      en.cells.map(c => c.id),
      zh.cells.map(c => c.id),
    );
  });
});

describe('npm run reset', () => {
  const changed = notebookText(notebook('# changed'));
  const commit = (root: string) => {
    const git = (...argv: string[]) => execFileSync('git', argv, { cwd: root, stdio: 'ignore' });
    git('init', '-q');
    git('add', '.');
    git('-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '-qm', 'x');
  };
  for (const [how, keep] of [
    ['from git', commit],
    ['without git', keepShipped],
  ] as const) {
    it(`${how}: the lesson comes back in both languages, the reader's version is kept and its place is said`, () => {
      const root = course(['03-bayes', '04-entropy']);
      keep(root);
      const before = read(root, 'notebooks/03-bayes.ipynb');
      for (const name of ['03-bayes', 'zh/03-bayes', '04-entropy']) write(root, `notebooks/${name}.ipynb`, changed);
      const lines: string[] = [];
      reset(['03'], root, line => lines.push(line));
      assert.equal(read(root, 'notebooks/03-bayes.ipynb'), before);
      assert.match(read(root, 'notebooks/zh/03-bayes.ipynb'), /中文/);
      assert.equal(read(root, 'notebooks/04-entropy.ipynb'), changed, 'other lessons stay');
      const places = lines.flatMap(line => /is now (.+)$/.exec(line)?.[1] ?? []);
      assert.equal(places.length, 2);
      assert.match(places[1], /^notebooks\/my-work\/zh\/03-bayes\.\d{4}-\d\d-\d\d\.\d{4}\.ipynb$/);
      for (const place of places) assert.equal(read(root, place), changed);

      fs.rmSync(path.join(root, 'notebooks/03-bayes.ipynb'));
      reset(['03-bayes'], root, () => {});
      assert.equal(read(root, 'notebooks/03-bayes.ipynb'), before, 'a deleted lesson comes back');
      const quiet: string[] = [];
      reset(['03'], root, line => quiet.push(line));
      assert.deepEqual(quiet, ['03-bayes: nothing was changed in it']);
      write(root, 'notebooks/03-bayes.ipynb', notebookText(notebook('# again')));
      reset(['03'], root, () => {});
      assert.equal(fs.readdirSync(path.join(root, MY_WORK)).filter(name => name.startsWith('03-')).length, 2);
    });
  }

  it('says what it needs, and what to do where nothing was kept', () => {
    const root = course(['03-bayes']);
    assert.throws(() => reset(['03'], root), /neither git nor a copy of the lessons is here: download/);
    keepShipped(root);
    assert.throws(() => reset([], root), /which lesson\? `npm run reset -- 03`/);
    assert.throws(() => reset(['99'], root), /no lesson '99'; there is 03-bayes/);
  });
});

describe("npm run export of a reader's notebook", () => {
  const folder = newFolder('mine');
  const file = write(folder, 'my notes.ipynb', JSON.stringify(own()));

  it('makes page, slides and PDF in the look of a lesson, without network, with live figures', async () => {
    const out = path.join(folder, 'site');
    assert.equal(await exportCommand([file, '--out', out]), 0);
    const made = fs.readdirSync(path.join(out, 'my-work'));
    assert.deepEqual(made.sort(), ['my notes.html', 'my notes.pdf', 'my notes.slides.html']);
    const browser = await startBrowser();
    try {
      for (const name of ['my notes.html', 'my notes.slides.html']) {
        const { page, network, errors } = await visit(browser, path.join(out, 'my-work', name), { dark: true });
        assert.deepEqual([network, errors], [[], []]);
        const seen = await page.evaluate(() => ({
          title: document.title,
          heading: getComputedStyle(document.querySelector('h1')!).fontWeight,
          drawn: document.querySelectorAll('.lab-live.drawn svg').length,
          coloured: document.querySelectorAll('.highlight .kd, .highlight .kr').length,
          dead: Array.from(document.querySelectorAll('a[href]')).filter(a => a.getAttribute('href') === 'index.html')
            .length,
        }));
        assert.deepEqual(seen, { title: 'Mine', heading: '700', drawn: 1, coloured: 1, dead: 0 });
        const [svg, paper] = await page.$eval('.lab-live svg', e => [e.outerHTML, getComputedStyle(e).backgroundColor]);
        assert.equal(paper, 'rgb(255, 255, 255)', 'a chart that names no colours has no paper on a dark page');
        const { texts, problems } = measureSvg(svg, '#ffffff');
        assert.ok(texts > 2);
        assert.deepEqual(problems, []);
        await page.close();
      }
    } finally {
      await browser.close();
    }
  });

  it('says in one line what has not been run, and how to run it', async context => {
    const said = context.mock.method(console, 'warn', () => {});
    const template = path.join(ROOT, 'notebooks/templates/start-your-own.ipynb');
    const out = path.join(newFolder('site'), 'out');
    assert.equal(await exportCommand([template, '--formats', 'html', '--out', out]), 0);
    const lines = said.mock.calls.map(({ arguments: [line] }) => String(line).trim());
    assert.deepEqual(lines, [
      'start-your-own.ipynb has not been run: its page has no outputs. Open it with npm start, Run → Run All Cells, save it (Ctrl+S), and export it again',
    ]);
    assert.equal(notRunLine(readOwn(file)), undefined, 'one that ran is silent');
    const half = { ...own(), cells: [...own().cells, { cell_type: 'code', source: '1', metadata: {}, outputs: [] }] };
    const halfRun = notRunLine(readOwn(write(folder, 'deep/half.ipynb', JSON.stringify(half))));
    assert.match(String(halfRun), /^1 of 2 code cells of half\.ipynb have not been run: they have no outputs\./);
  });

  it('finds a notebook by any path, takes a folder, and leaves lessons to the lessons', () => {
    assert.deepEqual(ownFiles('my notes.ipynb', folder), [file]);
    assert.deepEqual(ownFiles(file, '/'), [file]);
    assert.deepEqual(ownFiles('.', folder), [file]);
    for (const word of ['03', '03-bayes', 'notebooks/03-bayes.ipynb', '03-bayes.ipynb', 'zh/03-bayes.ipynb'])
      assert.equal(ownFiles(word, folder), undefined, word);
    const copy = write(folder, 'deep/03-bayes.ipynb', JSON.stringify(own()));
    assert.deepEqual(ownFiles('deep/03-bayes.ipynb', folder), [copy]);
  });

  it('says what is wrong with a file that is no notebook', () => {
    const cases: [name: string, text: string, says: RegExp][] = [
      ['cut.ipynb', '{"cells": [', /cut\.ipynb cannot be read as a notebook/],
      ['empty.ipynb', '', /empty\.ipynb cannot be read as a notebook/],
      ['null.ipynb', 'null', /null\.ipynb is no notebook: expected JSON with nbformat 4 and cells, got nbformat none/],
      ['list.ipynb', '[1]', /list\.ipynb is no notebook/],
      ['old.ipynb', '{"nbformat": 3, "worksheets": []}', /nbformat 3 is of before 2015; open it in JupyterLab/],
      ['cell.ipynb', '{"nbformat": 4, "cells": [{"cell_type": "heading", "source": ""}]}', /cell 1 is none/],
      ['out.ipynb', '{"nbformat": 4, "cells": [{"cell_type": "code", "source": "", "outputs": 3}]}', /cell 1 is none/],
    ];
    for (const [name, text, says] of cases) assert.throws(() => readOwn(write(folder, `bad/${name}`, text)), says);
    assert.throws(() => ownFiles('none.ipynb', folder), /there is no 'none\.ipynb'.+ there is my notes\.ipynb/);
    write(folder, 'notes.txt', 'x');
    assert.throws(() => ownFiles('notes.txt', folder), /'notes\.txt' is no notebook: its name does not end in \.ipynb/);
    fs.mkdirSync(path.join(folder, 'nothing'));
    assert.throws(() => ownFiles('./nothing', folder), /the folder '\.\/nothing' holds no notebook/);
  });
});

/** A notebook as an old program might have left it: without ids, without the kernel's description. */
function own() {
  const spec = { data: { values: [{ a: 1 }] }, mark: 'point', encoding: { x: { field: 'a', type: 'quantitative' } } };
  const data = { 'application/vnd.vegalite.v5+json': spec, 'text/plain': ['One point'] };
  return {
    cells: [
      { cell_type: 'markdown', metadata: {}, source: ['# Mine\n', '\n', '$x^2$, [home](index.html)'] },
      {
        cell_type: 'code',
        metadata: {},
        source: 'const a = 1;',
        execution_count: 1,
        outputs: [{ output_type: 'display_data', data, metadata: {} }],
      },
      { cell_type: 'markdown', metadata: {}, source: '## Second\n\ntext' },
    ],
    metadata: {},
    nbformat: 4,
    nbformat_minor: 2,
  };
}
