/** `npm start` counts from its first moment, and the seconds go on while npm works. On a terminal, made by Python. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { venvProgram } from '../../scripts/setup/paths';
import { newFolder } from '../folder';

const root = path.resolve(__dirname, '..', '..');

/** A project whose npm takes 2.6 s, and whose `start` prints what its clock says. */
function slowProject(): { folder: string; npm: string } {
  const folder = newFolder('clock');
  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
    return path.join(folder, name);
  };
  for (const name of ['lab.mjs', 'setup/clock.cjs', 'setup/remedies.cjs'])
    cpSync(path.join(root, 'scripts', name), path.join(folder, 'scripts', name), { recursive: true });
  write('package-lock.json', '{"packages": {}}');
  write('scripts/start.ts', "console.log('began', require('./setup/clock.cjs').sinceBegin());");
  const tsx = pathToFileURL(path.join(root, 'node_modules/tsx/dist/loader.mjs')).href;
  const npm = write(
    'npm.js',
    `const fs = require('node:fs');
setTimeout(() => {
  fs.mkdirSync('node_modules/tsx/dist', { recursive: true });
  fs.writeFileSync('node_modules/.package-lock.json', '{"packages": {}}');
  fs.writeFileSync('node_modules/tsx/dist/loader.mjs', 'import ${JSON.stringify(tsx)}');
}, 2600);`,
  );
  return { folder, npm };
}

const TERMINAL = 'import pty, sys, os; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))';

test('the seconds tick while npm works, and the next program counts on from the beginning', {
  skip: process.platform === 'win32' && 'needs a pty',
}, () => {
  const { folder, npm } = slowProject();
  const argv = ['-c', TERMINAL, process.execPath, 'scripts/lab.mjs', 'start'];
  const env = { ...process.env, npm_execpath: npm, LAB_BEGAN: '' };
  const { stdout, status } = spawnSync(venvProgram('python'), argv, { cwd: folder, env, encoding: 'utf8' });
  assert.equal(status, 0, stdout);
  const ticks = [...stdout.matchAll(/… (\d+) s, ([\d.]+) s in all/g)].map(([, step, all]) => [
    Number(step),
    Number(all),
  ]);
  assert.ok(ticks.length >= 2, stdout);
  assert.ok(
    ticks.every(([step, all]) => all >= step - 1),
    stdout,
  );
  const [, npmSeconds] = /✓ node modules {2}([\d.]+) s/.exec(stdout) ?? [];
  const [, total] = /began ([\d.]+) s/.exec(stdout) ?? [];
  assert.ok(Number(npmSeconds) >= 2.6, stdout);
  assert.ok(Number(total) > Number(npmSeconds), `${total} s in all, ${npmSeconds} s of npm`);
});

test('without a terminal there are lines only, and no control characters', () => {
  const { folder, npm } = slowProject();
  const env = { ...process.env, npm_execpath: npm, LAB_BEGAN: '' };
  const { stdout } = spawnSync(process.execPath, ['scripts/lab.mjs', 'start'], { cwd: folder, env, encoding: 'utf8' });
  assert.match(stdout, /^· node modules: npm ci, about a minute …\n✓ node modules {2}[\d.]+ s\nbegan [\d.]+ s\n$/);
});
