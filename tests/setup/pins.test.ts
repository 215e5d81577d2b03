/** The lists of versions cannot drift apart. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { tensorflowFolder } from '../../scripts/setup/packages';
import { PYTHON_RANGE } from '../../scripts/setup/python';

const read = (file: string): string => readFileSync(file, 'utf8');
const json = (file: string) => JSON.parse(read(file));

/** 'name==version' lines of a locked list, markers cut off. */
function pins(file: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [, name, version] of read(file).matchAll(/^([a-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)/gim)) {
    found.set(name.toLowerCase(), [...(found.get(name.toLowerCase()) ?? []), version]);
  }
  return found;
}

/** Names asked for in a .in file. */
function asked(file: string): string[] {
  const lines = read(file)
    .split('\n')
    .filter(line => line.trim() && !line.startsWith('#'));
  return lines.map(line => (/^[a-z0-9._-]+/i.exec(line)?.[0] ?? '').toLowerCase());
}

test('environment.yml gives conda what package.json and requirements.txt ask for', () => {
  const lines = read('environment.yml')
    .split('\n')
    .map(line => line.trim());
  const version = (name: string) => lines.find(line => line.startsWith(`- ${name}=`))?.split('=')[1] ?? 'missing';
  const minor = Number(version('python').split('.')[1]);
  assert.ok(minor >= PYTHON_RANGE.oldest[1] && minor <= PYTHON_RANGE.newest[1], `python ${version('python')}`);
  const majors = [...json('package.json').engines.node.matchAll(/(\d+)\.\d+\.\d+/g)].map(match => match[1]);
  assert.ok(majors.includes(version('nodejs').split('.')[0]), `nodejs ${version('nodejs')}, engines know ${majors}`);
  assert.ok(lines.includes('- cxx-compiler'), 'a compiler');
  assert.ok(lines.includes('- -r requirements.txt'), 'the locked list itself, so that no version stands twice');
});

test('every package that is asked for is locked', () => {
  for (const list of ['requirements', 'requirements-cpu', 'requirements-cuda']) {
    const locked = pins(`${list}.txt`);
    for (const name of asked(`${list}.in`)) assert.ok(locked.has(name), `${name} of ${list}.in is not in ${list}.txt`);
  }
});

test('the lists agree where they name the same package', () => {
  const base = pins('requirements.txt');
  for (const list of ['requirements-cpu.txt', 'requirements-cuda.txt']) {
    for (const [name, versions] of pins(list)) {
      if (base.has(name)) assert.deepEqual(versions, base.get(name), `${name} in ${list}`);
    }
  }
  assert.deepEqual(pins('requirements-cpu.txt').get('tensorflow-cpu'), pins('requirements-cuda.txt').get('tensorflow'));
});

test('package.json and its lock name exact versions', () => {
  const { dependencies, devDependencies } = json('package.json') as Record<string, Record<string, string>>;
  const locked = json('package-lock.json').packages;
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    if (version.startsWith('file:')) continue;
    assert.match(version, /^\d+\.\d+\.\d+$/, `${name} ${version} is not exact`);
    assert.equal(locked[`node_modules/${name}`]?.version, version, name);
  }
});

test('packages with a program for each platform are locked for all of them', () => {
  const locked = json('package-lock.json').packages as Record<
    string,
    { optionalDependencies?: Record<string, string> }
  >;
  for (const [name, { optionalDependencies = {} }] of Object.entries(locked)) {
    if (!['node_modules/@biomejs/biome', 'node_modules/esbuild'].includes(name)) continue;
    for (const program of Object.keys(optionalDependencies)) assert.ok(locked[`node_modules/${program}`], program);
  }
});

test('Python\u2019s plotly draws with the plotly.js of package.json', () => {
  const bundled = read('node_modules/plotly.js/package.json');
  const wanted = json('package.json').dependencies['plotly.js'];
  assert.equal(JSON.parse(bundled).version, wanted);
  assert.equal(plotlyOfPython(), wanted);
});

/** The version in the first lines of the plotly.min.js inside the Python package. */
function plotlyOfPython(): string | undefined {
  const script = `${tensorflowFolder()}/../plotly/package_data/plotly.min.js`;
  return /plotly\.js v(\d+\.\d+\.\d+)/.exec(read(script).slice(0, 500))?.[1];
}
