/** What a reader is told when the set-up cannot go on: the real commands, with the network or Python taken away. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, symlinkSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import path from 'node:path';
import { describe, test } from 'node:test';
import { newFolder } from '../folder';

const root = path.resolve(__dirname, '..', '..');
const top = newFolder('lab failures');
const NOWHERE = 'http://127.0.0.1:9/simple';

/** The project's own programs alone: enough to see them fail. */
function bareCopy(name: string, withModules: boolean): string {
  const copy = path.join(top, name);
  const parts = ['scripts', 'lib', 'package.json', 'package-lock.json', 'tsconfig.json', '.npmrc', 'requirements.txt'];
  for (const part of [...parts, 'requirements-cpu.txt'])
    cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  if (withModules) symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

function setup(
  copy: string,
  env: Record<string, string>,
  command = 'setup',
): { status: number | null; output: string } {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(pip|npm|uv)_/i.test(name)));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/lab.mjs', command], {
    cwd: copy,
    env: { ...clean, LAB_DEVICE: 'cpu', ...env },
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

/** A program that answers as an old Python would. */
function oldPython(): string {
  const program = path.join(top, 'python3.8');
  writeFileSync(program, '#!/bin/sh\necho 3 8 10 True\n');
  chmodSync(program, 0o755);
  return program;
}

describe('a set-up that cannot go on says why and what to do', {
  skip: process.platform === 'win32' && 'needs sh',
}, () => {
  test('no network for npm', () => {
    const env = {
      npm_config_registry: NOWHERE,
      npm_config_cache: path.join(top, 'empty cache'),
      npm_config_fetch_retries: '0',
    };
    const { status, output } = setup(bareCopy('no npm', false), env);
    assert.equal(status, 1);
    assert.match(output, /installing the node modules failed: the package registry cannot be reached/);
    assert.match(output, /What to do: .*HTTPS_PROXY/);
  });

  test('npm test closes with its count even then', () => {
    const env = {
      npm_config_registry: NOWHERE,
      npm_config_cache: path.join(top, 'empty cache'),
      npm_config_fetch_retries: '0',
    };
    const { status, output } = setup(path.join(top, 'no npm'), env, 'test');
    assert.equal(status, 1);
    assert.match(output, /^0 passed, 1 failed$/m);
  });

  test('an old Python', () => {
    const { status, output } = setup(bareCopy('old python', true), { LAB_PYTHON: oldPython() });
    assert.equal(status, 1);
    assert.match(output, /Python 3\.10 to 3\.13 \(64 bit\) is needed; found .*python3\.8 is 3\.8\.10/);
    assert.match(output, /What to do: install one/);
    assert.doesNotMatch(output, /at .*\.ts:\d+/, 'no stack');
  });

  test('no network for Python; the environment stays marked as half made', () => {
    const copy = bareCopy('no pip', true);
    const { status, output } = setup(copy, {
      PIP_INDEX_URL: NOWHERE,
      PIP_CONFIG_FILE: devNull,
      PIP_NO_CACHE_DIR: '1',
    });
    assert.equal(status, 1);
    assert.match(output, /installing the Python packages failed: the package registry cannot be reached/);
    assert.match(output, /it goes on where it stopped/);
    assert.ok(existsSync(path.join(copy, '.venv', '.unfinished')));
  });

  test('a command that does not exist', () => {
    const { status, output } = setup(path.join(top, 'old python'), {}, 'strat');
    assert.equal(status, 1);
    assert.match(output, /unknown command "strat"; expected one of: .*start/);
  });
});
