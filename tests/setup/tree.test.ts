/** What a reader downloads: the tracked files stay small, and no picture lies in a notebook twice. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { test } from 'node:test';
import { pictureOnce } from '../../scripts/notebooks/normalise';
import { allLessons, notebookText, readNotebook } from '../../scripts/notebooks/notebook';
import { inProject } from '../../scripts/setup/paths';

const MOST_BYTES = 55e6;

test('the tracked files hold less than 55 MB', () => {
  const names = execFileSync('git', ['ls-files', '-z'], { cwd: inProject(), encoding: 'utf8' }).split('\0');
  const sizes = names
    .filter(name => name !== '' && fs.existsSync(inProject(name)))
    .map(name => ({ name, bytes: fs.lstatSync(inProject(name)).size }));
  assert.ok(sizes.length > 300, 'the list of files is not the whole project');
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const largest = sizes.sort((a, b) => b.bytes - a.bytes).slice(0, 8);
  assert.ok(total < MOST_BYTES, `${total} bytes; largest: ${largest.map(f => `${f.name} ${f.bytes}`).join(', ')}`);
});

for (const { name, files } of allLessons()) {
  test(`${name}: each picture once, written as densely as it can be read`, () => {
    for (const file of Object.values(files)) {
      const notebook = readNotebook(file);
      for (const { id, outputs = [] } of notebook.cells) {
        for (const { data } of outputs) if (data) assert.deepEqual(pictureOnce(data), data, `cell '${id}'`);
      }
      assert.equal(fs.readFileSync(file, 'utf8'), notebookText(notebook), `${file}: written by another program`);
    }
  });
}
