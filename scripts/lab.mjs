#!/usr/bin/env node
/**
 * The door to every command: `node scripts/lab.mjs <command> [arguments]`.
 * Plain JavaScript without dependencies, so that it runs on a machine that has nothing but Node: it checks the version,
 * installs the node modules where they are missing or differ from package-lock.json, and hands over to scripts/<command>.ts.
 */
import { spawn } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import clock from './setup/clock.cjs';
import remedies from './setup/remedies.cjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const scripts = path.join(root, 'scripts');
/** These see to their own set-up or, like the doctor, must work without it. */
const WITHOUT_SETUP = new Set(['setup', 'start', 'test', 'doctor', 'sync', 'cards', 'reset']);

main(process.argv.slice(2));

async function main([command, ...argv]) {
  const commands = readdirSync(scripts)
    .filter(name => name.endsWith('.ts'))
    .map(name => name.slice(0, -3));
  if (!commands.includes(command)) {
    stop(`unknown command ${JSON.stringify(command ?? '')}; expected one of: ${commands.join(', ')}`);
  }
  checkNode(process.versions.node);
  if (!modulesAreCurrent()) await alone(() => modulesAreCurrent() || installModules());
  if (!WITHOUT_SETUP.has(command)) await runScript('setup', ['--quiet']);
  await runScript(command, argv);
}

/** Node 20.19+, 22.12+ or 24+ (package.json's `engines`): older ones lack what the tools here are built on. */
function checkNode(version) {
  const [major, minor] = version.split('.').map(Number);
  const good = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major >= 24;
  if (!good)
    stop(`Node ${version} is too old or an odd release; expected 20.19+, 22.12+ or 24+, from https://nodejs.org`);
}

/** True when every required package of package-lock.json stands in node_modules at its version (npm writes its list last). */
function modulesAreCurrent() {
  const installed = path.join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const have = JSON.parse(readFileSync(installed, 'utf8')).packages;
  const want = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;
  return Object.entries(want).every(([name, entry]) => {
    if (!name.startsWith('node_modules/') || entry.optional || entry.devOptional) return true;
    return have[name]?.version === entry.version && existsSync(path.join(root, name));
  });
}

/** npm ci empties node_modules first: two at once would undo each other, so the second waits. */
async function alone(work) {
  const lock = path.join(root, '.lab', 'npm.lock');
  mkdirSync(path.dirname(lock), { recursive: true });
  for (let told = false; !take(lock); told = true) {
    if (!told) console.log('· another npm ci of this folder is running: waiting for it …');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  }
  process.on('exit', () => rmSync(lock, { force: true }));
  await work();
  rmSync(lock, { force: true });
}

function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    try {
      process.kill(Number(readFileSync(lock, 'utf8')), 0); // alive?
    } catch (error) {
      if (error.code !== 'EPERM') rmSync(lock, { force: true });
    }
    return false;
  }
}

async function installModules() {
  const modules = path.join(root, 'node_modules');
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink()) {
    stop(
      'node_modules is a link, and what it points to differs from package-lock.json: run npm ci there, or remove the link',
    );
  }
  const started = performance.now();
  const done = clock.ticking('node modules: npm ci, about a minute');
  const argv = ['ci', '--ignore-scripts', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund'];
  const inNpm = process.env.npm_execpath?.endsWith('.js'); // called by npm: the same npm again
  const { status, output } = inNpm
    ? await outcome(process.execPath, [process.env.npm_execpath, ...argv])
    : await outcome('npm', argv, process.platform === 'win32');
  done();
  if (status !== 0) stop(remedies.explain('installing the node modules', output));
  console.log(`✓ node modules  ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

/** Runs a program beside the clock, which must go on ticking; what it prints is kept. */
function outcome(program, argv, shell = false) {
  return new Promise(resolve => {
    let output = '';
    const child = spawn(program, argv, { cwd: root, shell, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => (output += text));
    child.on('error', error => resolve({ status: -1, output: `${output}${error}` }));
    child.on('close', status => resolve({ status, output }));
  });
}

/** Runs scripts/<command>.ts to its end; a failure ends this process with the same exit code. */
function runScript(command, argv) {
  const tsx = pathToFileURL(path.join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;
  const script = path.join(scripts, `${command}.ts`);
  const child = spawn(process.execPath, ['--import', tsx, script, ...argv], {
    cwd: root,
    env: { ...process.env, LAB_BEGAN: String(clock.began) },
    stdio: 'inherit',
  });
  process.on('SIGINT', () => {}); // Ctrl+C reaches the child too: it decides
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise(resolve => {
    child.on('exit', code => (code === 0 ? resolve() : process.exit(code ?? 1)));
  });
}

function stop(message) {
  console.error(`✗ ${message}`);
  if (process.argv[2] === 'test') console.log('0 passed, 1 failed'); // npm test always closes with its count
  process.exit(1);
}
