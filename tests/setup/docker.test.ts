/** The Dockerfile: its grammar by a linter, its steps held against the course's own files; built in truth where Docker answers. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Copy, DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { tensorflowRequirements } from '../../scripts/setup/packages';
import { inProject } from '../../scripts/setup/paths';
import { PYTHON_RANGE } from '../../scripts/setup/python';
import { newFolder } from '../folder';

const text = fs.readFileSync(inProject('Dockerfile'), 'utf8');

interface Step {
  keyword: string;
  words: string[];
  /** Of a COPY: another stage that it copies from. */
  from?: string;
}
interface Stage {
  /** What it begins with: an image or an earlier stage. */
  base: string;
  name: string;
  steps: Step[];
}
const stages: Stage[] = [];
for (const each of DockerfileParser.parse(text).getInstructions()) {
  const words = each.getArguments().map(argument => argument.getValue());
  const keyword = each.getKeyword();
  if (keyword === 'FROM') stages.push({ base: words[0], name: words[2], steps: [] });
  else {
    const flags = each instanceof Copy ? each.getFlags() : [];
    const from = flags.find(flag => flag.getName() === 'from')?.getValue() ?? undefined;
    stages.at(-1)!.steps.push({ keyword, words, from });
  }
}
const stage = (name: string): Stage => {
  const found = stages.find(one => one.name === name);
  assert.ok(found, `no stage ${name}`);
  return found;
};
/** All steps of a stage and of those that it stands on, the first one first. */
const stepsOf = (name: string): Step[] => {
  const { base, steps } = stage(name);
  return [...(stages.some(one => one.name === base) ? stepsOf(base) : []), ...steps];
};
const place = (steps: Step[], words: string) =>
  steps.findIndex(({ keyword, words: w }) => keyword === 'RUN' && w.join(' ').startsWith(words));
const build = stepsOf('build');
const { engines, scripts } = JSON.parse(fs.readFileSync(inProject('package.json'), 'utf8'));

/** Files that git would hand out and .dockerignore lets in. */
function context(): string[] {
  const argv = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const listed = execFileSync('git', argv, { cwd: inProject(), encoding: 'utf8' }).split('\0');
  const lines = fs.readFileSync(inProject('.dockerignore'), 'utf8').split('\n');
  const ignored = lines.filter(line => line && !line.startsWith('#')).map(asPattern);
  return listed.filter(file => file && fs.existsSync(inProject(file)) && !ignored.some(pattern => pattern.test(file)));
}

/** A line of .dockerignore; what lies inside of what it names is meant, too. */
function asPattern(line: string): RegExp {
  const escaped = line.replace(/^\//, '').replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const any = escaped.replace(/\*\*\/|\*/g, found => (found === '*' ? '[^/]*' : '(?:.*/)?'));
  return new RegExp(`^${any}(?:/|$)`);
}

/** What these steps bring from the course's folder: file → where it goes. */
function copiedBy(steps: Step[]): Map<string, string> {
  const files = context();
  const copied = new Map<string, string>();
  for (const { keyword, words, from } of steps) {
    if (keyword !== 'COPY' || from) continue;
    const target = words.at(-1) as string;
    for (const source of words.slice(0, -1)) {
      const found = files.filter(file => source === '.' || file === source || file.startsWith(`${source}/`));
      assert.ok(found.length > 0, `${source} is not in the context`);
      // the contents of a folder go into the target, a file keeps its name
      const into = (file: string) => (source === '.' ? file : path.relative(source, file) || path.basename(file));
      for (const file of found) copied.set(file, path.join(target, into(file)));
    }
  }
  return copied;
}

test('a linter of Dockerfiles finds nothing, and does find what is wrong', () => {
  const said = (dockerfile: string) => validate(dockerfile).map(({ message }) => message);
  assert.deepEqual(said(text), []);
  const wrong = [
    text.replace('FROM', 'FORM'),
    text.replace('EXPOSE 8888', 'EXPOSE a'),
    text.replace(/^CMD.*$/m, 'COPY a'),
  ];
  for (const broken of wrong) assert.ok(said(broken).length > 0);
});

test('Node and Python are such as the course takes', () => {
  const [, node, debian] = /^node:(\d+)-(\w+)-slim$/.exec(stages[0].base) ?? [];
  assert.match(engines.node, new RegExp(`[\\^=]${node}\\.`));
  const minor = { bookworm: 11, trixie: 13 }[debian] ?? 0;
  assert.ok(minor >= PYTHON_RANGE.oldest[1] && minor <= PYTHON_RANGE.newest[1], `Python of Debian ${debian}`);
});

test('commands of the course that it runs exist, and JupyterLab and the hub can be reached', () => {
  const all = stages.flatMap(({ steps }) => steps);
  const commands = all.flatMap(({ words: [npm, run, name] }) => (npm === 'npm' && run === 'run' ? [name] : []));
  assert.deepEqual(commands, ['setup', 'hub']);
  assert.ok(commands.every(name => name in scripts));
  assert.equal(stages.at(-1)!.name, 'lab', 'the last stage is what is built where nobody names one');
  for (const [name, begin] of [
    ['lab', ['npm', 'start', '--']],
    ['hub', ['npm', 'run', 'hub']],
  ] as const) {
    const started = JSON.parse(stage(name).steps.at(-1)!.words.join(' ')) as string[];
    assert.deepEqual(started.slice(0, 3), begin);
    const port = stage(name).steps.find(({ keyword }) => keyword === 'EXPOSE')!.words[0];
    assert.ok(started.includes(`--port=${port}`));
  }
});

test('nothing of the course runs as root, and compilers and caches stay out of what readers get', () => {
  for (const { name } of stages) {
    const steps = stepsOf(name);
    const users = steps.flatMap(({ keyword, words }) => (keyword === 'USER' ? words : []));
    assert.ok(users.every(user => user === 'node'));
    const user = steps.findIndex(({ keyword }) => keyword === 'USER');
    steps.forEach(({ keyword, words }, i) => {
      if (keyword !== 'RUN' || (user >= 0 && i > user)) return;
      assert.match(words.join(' '), /^(apt-get update|mkdir )/, `${name}: ${words.join(' ')} would run as root`);
    });
  }
  for (const name of ['lab', 'hub']) {
    const run = stepsOf(name).filter(({ keyword }) => keyword === 'RUN');
    assert.ok(!run.some(({ words }) => /g\+\+|npm ci|npm run/.test(words.join(' '))), name);
    for (const { from } of stepsOf(name)) if (from) assert.ok(stages.some(one => one.name === from));
  }
});

test('what ends up inside is the whole course, without what set-up makes', () => {
  for (const name of ['lab', 'hub']) {
    const inside = copiedBy(stepsOf(name));
    assert.equal(inside.size, context().length);
    for (const [file, target] of inside) assert.equal(path.normalize(target), file);
    for (const file of ['package.json', '.npmrc', 'scripts/lab.mjs', 'notebooks/00-welcome.ipynb'])
      assert.ok(inside.has(file));
  }
});

test('npm ci finds its lists, and every package that lies in the course', () => {
  const before = copiedBy(build.slice(0, place(build, 'npm ci')));
  const { packages } = JSON.parse(fs.readFileSync(inProject('package-lock.json'), 'utf8'));
  const local = Object.keys(packages).filter(name => name && !name.startsWith('node_modules/'));
  for (const name of local) assert.ok(before.has(`${name}/package.json`), name);
  assert.ok(['package.json', 'package-lock.json', '.npmrc'].every(file => before.has(file)));
});

test('set-up has all that it reads when its turn comes, and lessons come later', () => {
  const before = copiedBy(build.slice(0, place(build, 'npm run setup')));
  const box = newFolder('box');
  for (const [file, target] of before) {
    fs.mkdirSync(path.dirname(path.join(box, target)), { recursive: true });
    fs.copyFileSync(inProject(file), path.join(box, target));
  }
  fs.symlinkSync(inProject('node_modules'), path.join(box, 'node_modules'));
  for (const list of ['requirements.txt', tensorflowRequirements('cpu')]) assert.ok(before.has(list), list);
  const parts = `require('./scripts/setup.ts'); const { addonSources } = require('./scripts/setup/addon.ts');
    require('./scripts/setup/labextension.ts').writeLabExtension(process.cwd() + '/made');
    const missing = addonSources().filter(file => !require('fs').existsSync(file)); if (missing.length) throw new Error(missing.join());`;
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', '-e', parts], {
    cwd: box,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.ok(fs.existsSync(path.join(box, 'made', 'package.json')));
  assert.ok(
    ![...before.keys()].some(file => file.startsWith('notebooks/')),
    'a change of a lesson would cost a set-up',
  );
});

const docker = spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 });
if (docker.status === 0)
  test('Docker builds it, and the course runs inside', { timeout: 1_800_000 }, () => {
    execFileSync('docker', ['build', '--quiet', '--tag', 'latentlab-test', inProject()], { stdio: 'ignore' });
    const told = execFileSync('docker', ['run', '--rm', 'latentlab-test', 'npm', 'run', 'doctor'], {
      encoding: 'utf8',
    });
    assert.match(told, /Node 22/);
  });
