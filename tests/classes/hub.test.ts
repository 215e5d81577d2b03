/** The hub's own parts that need no hub: whose lessons are renewed, and what is said where something is missing. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { main } from '../../scripts/hub';
import { pythonInVenv } from '../../scripts/notebooks/command';
import { inProject } from '../../scripts/setup/paths';
import { newFolder } from '../folder';

function copyLessons(source: string, target: string): void {
  execFileSync(pythonInVenv(), [inProject('scripts', 'classes', 'hub', 'lessons.py'), source, target]);
}

test('lessons are copied, renewed where nobody touched them, kept where somebody did', () => {
  const [source, target] = [newFolder('course'), path.join(newFolder('home'), 'lessons')];
  const write = (folder: string, name: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  };
  const read = (name: string) => fs.readFileSync(path.join(target, name), 'utf8');
  write(source, '01-a.ipynb', 'a1');
  write(source, 'zh/01-a.ipynb', 'z1');
  write(source, '02-b.ipynb', 'b1');
  write(source, 'my-work/private.ipynb', 'p');
  copyLessons(source, target);
  assert.deepEqual([read('01-a.ipynb'), read('zh/01-a.ipynb'), read('02-b.ipynb')], ['a1', 'z1', 'b1']);
  assert.ok(!fs.existsSync(path.join(target, 'my-work')));
  write(target, '02-b.ipynb', 'mine');
  write(target, 'own.ipynb', 'own');
  write(source, '01-a.ipynb', 'a2');
  write(source, '02-b.ipynb', 'b2');
  write(source, '03-c.ipynb', 'c1');
  for (let again = 0; again < 2; again++) {
    copyLessons(source, target);
    const all = ['01-a.ipynb', '02-b.ipynb', '03-c.ipynb', 'own.ipynb'].map(read);
    assert.deepEqual(all, ['a2', 'mine', 'c1', 'own']);
  }
});

test('a folder without names, and a number that is none, are refused before anything starts', async () => {
  if (process.platform === 'linux') await assert.rejects(main([newFolder('class')]), /has no students\.txt/);
  await assert.rejects(main(['--trial', '0']), /--trial must be a whole number from 1/);
  assert.equal(await main([]), 1);
});
