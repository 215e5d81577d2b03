/** A lesson's temporary folder: what runs in it stays in it, and it goes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { Workshop } from '../../lib/course/workshop';

const ROOT = path.join(__dirname, '../..');

test('programs find home, caches and temporary files inside, and none of the reader’s settings', async () => {
  const shop = new Workshop();
  const given = {
    npm_config_registry: 'x',
    PIP_INDEX_URL: 'x',
    VIRTUAL_ENV: 'x',
    PYTHONPATH: 'x',
    CONDA_PREFIX: 'x',
    NODE_OPTIONS: '--no-warnings',
  };
  Object.assign(process.env, given);
  try {
    const print = `const [home, tmp] = [os.homedir, os.tmpdir].map(ask => ask());
      console.log(JSON.stringify({ env: process.env, home, tmp, cwd: process.cwd() }))`;
    const { code, text } = await shop.run(process.execPath, ['-e', print]);
    assert.equal(code, 0, text);
    const { env, home, tmp, cwd } = JSON.parse(text);
    assert.deepEqual([home, tmp, cwd], ['…/home', '…/tmp', '…']);
    assert.match(env.npm_config_cache, /^…\/home/);
    for (const name of Object.keys(given)) assert.equal(env[name], undefined, name);
    assert.equal(env.PATH, shop.shown(process.env.PATH ?? ''));
  } finally {
    for (const name of Object.keys(given)) delete process.env[name];
    shop.remove();
  }
});

test('arguments arrive as they are, both streams are kept, a failure is no exception', async () => {
  const shop = new Workshop();
  const odd = ['two words', '中文', "it's", '$HOME', '*', ''];
  const { code, text } = await shop.run(process.execPath, [
    '-e',
    'console.log(JSON.stringify(process.argv.slice(1))); console.error("and this"); process.exit(3)',
    '--',
    ...odd,
  ]);
  assert.equal(code, 3);
  assert.deepEqual(JSON.parse(text.split('\n')[0]), odd);
  assert.match(text, /and this$/);
  const lost = await shop.run('no-such-program-here');
  assert.equal(lost.code, -1);
  assert.match(lost.text, /ENOENT/);
  shop.remove();
});

test('its name has a space and Chinese, its places are shown without this machine’s paths', () => {
  const shop = new Workshop();
  assert.match(path.basename(shop.folder), /课程 /);
  const file = shop.write('deep/down/note.txt', 'salt', { executable: true });
  assert.equal(fs.readFileSync(file, 'utf8'), 'salt');
  assert.ok(fs.statSync(file).mode & 0o100);
  assert.equal(shop.shown(`${file} ${ROOT}/lib ${os.homedir()}/x`), '…/deep/down/note.txt course/lib ~/x');
  shop.remove();
  assert.ok(!fs.existsSync(shop.folder));
});

test('it goes with its process; what a killed one left, the next one takes away; a living one’s stays', () => {
  const run = (end: string) =>
    spawnSync(
      process.execPath,
      [
        '--import',
        'tsx',
        '-e',
        `const { Workshop } = require('./lib/course/workshop'); console.log(new Workshop().folder); ${end}`,
      ],
      { cwd: ROOT, encoding: 'utf8' },
    ).stdout.trim();
  const orderly = run('');
  assert.ok(orderly && !fs.existsSync(orderly));
  const killed = run("process.kill(process.pid, 'SIGKILL')");
  assert.ok(fs.existsSync(killed), 'nobody could remove it');
  const [mine, next] = [new Workshop(), new Workshop()];
  assert.ok(!fs.existsSync(killed) && fs.existsSync(mine.folder));
  mine.remove();
  next.remove();
});
