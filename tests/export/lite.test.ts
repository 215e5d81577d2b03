/** JupyterLite's folder, as far as it can be looked at without its builder: links out of the notebooks lead to files beside them. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import vm from 'node:vm';
import { linkedSources, listAsText } from '../../scripts/lite/sources';
import { linksOf } from '../../scripts/notebooks/links';
import { allLessons, ROOT, readNotebook } from '../../scripts/notebooks/notebook';
import { newFolder } from '../folder';

const NOTEBOOKS = path.join(ROOT, 'notebooks');
const lessons = allLessons().flatMap(({ files }) => Object.values(files));

test('every link of a lesson out of the notebooks leads, from the topmost folder, to a file that is there', () => {
  const there = new Set(linkedSources(lessons, NOTEBOOKS));
  const folders = new Set([...there].map(name => path.posix.dirname(name)));
  let out = 0;
  for (const file of lessons) {
    const place = `/${path.relative(NOTEBOOKS, path.dirname(file)).split(path.sep).join('/')}`;
    for (const link of linksOf(readNotebook(file))) {
      const name = path.posix.resolve(place, decodeURI(link.split('#')[0])).slice(1); // as JupyterLab does: it goes no higher
      if (!link.startsWith('..') || fs.existsSync(path.join(NOTEBOOKS, name))) continue;
      assert.ok(there.has(name) || folders.has(name), `${path.basename(file)}: ${link} → ${name}`);
      out++;
    }
  }
  assert.ok(out > 200, `only ${out} links lead out`);
  assert.ok(there.has('lib/nn/module.ts'), 'the lib is there, linked or not');
});

test('sources are listed as text that is not to be written, whatever a host takes them for', () => {
  const folder = newFolder('lite');
  const list = path.join(folder, 'api', 'contents', 'lib', 'all.json');
  const entry = (name: string) => ({
    path: `lib/${name}`,
    type: 'file',
    mimetype: 'video/mp2t',
    format: null,
    writable: true,
  });
  fs.mkdirSync(path.dirname(list), { recursive: true });
  fs.writeFileSync(list, JSON.stringify({ content: [entry('a.ts'), entry('other.bin')] }));
  listAsText(folder, ['lib/a.ts']);
  const [ours, other] = JSON.parse(fs.readFileSync(list, 'utf8')).content;
  assert.deepEqual([ours.mimetype, ours.format, ours.writable], ['text/plain', 'text', false]);
  assert.deepEqual(other, entry('other.bin'));
});

test('the service worker leaves to JupyterLite what is its own, and keeps the rest from it', () => {
  const listeners: Record<string, (event: unknown) => void> = {};
  const self = { location: new URL('http://host/lite/service-worker.js') };
  const world = {
    self,
    URL,
    addEventListener: (name: string, act: (event: unknown) => void) => Object.assign(listeners, { [name]: act }),
  };
  vm.runInNewContext(fs.readFileSync(path.join(ROOT, 'scripts/site/page/offline.js'), 'utf8'), world);
  const taken = (url: string, method = 'GET') => {
    const done: string[] = [];
    listeners.fetch({
      request: { url, method },
      stopImmediatePropagation: () => done.push('alone'),
      respondWith: (answer: Promise<unknown>) => {
        done.push('answered');
        answer.catch(() => {}); // there is no network here
      },
    });
    return done.join();
  };
  assert.equal(taken('http://host/lite/lab/index.html?path=03-bayes.ipynb'), 'alone,answered');
  assert.equal(taken('http://host/lite/run/runner.js?0123abcd'), 'alone,answered');
  for (const [url, method] of [
    ['http://host/api/service-worker-heartbeat', 'GET'],
    ['http://host/lite/api/drive', 'POST'],
    ['http://elsewhere/', 'GET'],
  ])
    assert.equal(taken(url, method), '', url);
});
