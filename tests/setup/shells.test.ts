/**
 * The scripts that activate and start the course, in a folder with spaces, brackets and Chinese characters. Those for sh are
 * run in every shell of the system (dash and bash on Linux). Those for PowerShell are read by tree-sitter's grammar, which must
 * find no error, and they and those for cmd are compared step by step with what they must do: neither shell is to be had where
 * the tests run (docs/shells.md says what was tried by hand).
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { before, describe, test } from 'node:test';
import { Language as Grammar, Parser } from 'web-tree-sitter';
import { coursePython, onPath } from '../../lib/runtime/stack';
import { newFolder } from '../folder';

const ROOT = path.join(__dirname, '../..');
const SHELLS = ['dash', 'bash', 'zsh'].filter(shell => onPath(shell).length > 0);
const top = newFolder('shells');
const course = path.join(top, '课程 my lessons (2)');
const inCourse = (...parts: string[]) => path.join(course, ...parts);
const quoted = (text: string) => `'${text}'`;

/** A course in small: its scripts, an environment, a program of node_modules, and a `lab.mjs` that says how it was called. */
function makeCourse(): void {
  fs.cpSync(path.join(ROOT, 'scripts/shell'), inCourse('scripts/shell'), { recursive: true });
  const lab =
    'console.log(JSON.stringify(process.argv.slice(2)));\nprocess.exit(process.argv.includes("fail") ? 7 : 0);\n';
  fs.writeFileSync(inCourse('scripts/lab.mjs'), lab);
  const made = spawnSync(coursePython(), ['-m', 'venv', '--without-pip', inCourse('.venv')], { encoding: 'utf8' });
  assert.equal(made.status, 0, made.stderr);
  fs.mkdirSync(inCourse('node_modules/.bin'), { recursive: true });
  fs.writeFileSync(inCourse('node_modules/.bin/tsx'), '#!/bin/sh\necho tsx\n', { mode: 0o755 });
  fs.mkdirSync(inCourse('notebooks'));
}

/** Runs a script in a shell that knows nothing of another environment. */
function sh(shell: string, script: string, cwd = course, env: Record<string, string> = {}) {
  const { VIRTUAL_ENV: _, LATENTLAB_HOME: __, ...rest } = process.env;
  const { status, stdout, stderr } = spawnSync(shell, ['-c', script], {
    cwd,
    env: { ...rest, ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const READ = `. ${quoted(inCourse('scripts/shell/activate.sh'))}`;
const LOOK = 'command -v python; command -v tsx; python -c "import sys; print(sys.prefix)"';

before(makeCourse);

for (const shell of SHELLS) {
  describe(`activate.sh in ${shell}`, () => {
    test('python, jupyter’s folder and tsx are the course’s, also under set -eu, and read in twice', () => {
      for (const script of [`${READ}\n${LOOK}`, `set -eu\n${READ}\n${READ}\n${LOOK}`]) {
        const { status, stdout, stderr } = sh(shell, script, inCourse('notebooks'));
        assert.equal(status, 0, stderr);
        assert.deepEqual(stdout.trim().split('\n'), [
          inCourse('.venv/bin/python'),
          inCourse('node_modules/.bin/tsx'),
          inCourse('.venv'),
        ]);
      }
    });

    test('deactivate gives back the PATH, and nothing of ours is left', () => {
      const script = `was=$PATH\n${READ}\ndeactivate\n[ "$PATH" = "$was" ] || echo changed\nset | grep -E '^(_lab_|VIRTUAL_ENV)' ; echo end`;
      const { stdout, stderr } = sh(shell, script);
      assert.equal(stdout.trim(), 'end', stderr);
    });

    test('from another folder: bash and zsh know where the file lies, dash is told', () => {
      const env: Record<string, string> = shell === 'dash' ? { LATENTLAB_HOME: course } : {};
      const { stdout, stderr } = sh(shell, `${READ}\n${LOOK}`, top, env);
      assert.match(stdout, /my lessons \(2\)\/.venv\n$/, stderr);
    });

    test('without an environment it says how to make one, and the shell goes on as it was', () => {
      const bare = path.join(top, `bare ${shell} 空`);
      fs.cpSync(inCourse('scripts'), path.join(bare, 'scripts'), { recursive: true });
      const script = `was=$PATH\n. ${quoted(path.join(bare, 'scripts/shell/activate.sh'))} || echo "refused $?"\n[ "$PATH" = "$was" ] && echo same`;
      const { stdout, stderr } = sh(shell, script, bare);
      assert.equal(stdout.trim(), 'refused 1\nsame');
      assert.match(stderr, /no \.venv in '.*空'; make it with: npm run setup/);
    });

    test('in a copied folder it does not activate the environment of the first', () => {
      const copy = path.join(top, `copy ${shell} 副本`);
      fs.cpSync(course, copy, { recursive: true, verbatimSymlinks: true });
      const script = `was=$PATH\n. ${quoted(path.join(copy, 'scripts/shell/activate.sh'))} || echo "refused $?"\n[ "$PATH" = "$was" ] && echo same`;
      const { stdout, stderr } = sh(shell, script, copy);
      assert.equal(stdout.trim(), 'refused 1\nsame', stderr);
      assert.match(stderr, /副本' was made for '.*my lessons \(2\)\/\.venv'; make it anew with: npm run setup/);
    });

    test('run instead of read in, it says so', () => {
      const { status, stderr } = sh(shell, `${shell} ${quoted(inCourse('scripts/shell/activate.sh'))}`);
      assert.equal(status, 1);
      assert.match(stderr, /changes the shell that reads it; run it like this: {3}\. '.*activate\.sh'/);
    });
  });

  describe(`start.sh in ${shell}`, () => {
    const start = `${shell} ${quoted(inCourse('scripts/shell/start.sh'))}`;

    test('from any folder: arguments arrive as they are, the exit code comes back', () => {
      const { status, stdout, stderr } = sh(shell, `${start} --port 9999 '两 words' '$HOME'`, top);
      assert.deepEqual(JSON.parse(stdout), ['start', '--port', '9999', '两 words', '$HOME'], stderr);
      assert.equal(status, 0);
      assert.equal(sh(shell, `${start} fail`, top).status, 7);
    });

    test('through a link on the desktop', () => {
      const link = path.join(top, `start ${shell}`);
      fs.symlinkSync(inCourse('scripts/shell/start.sh'), link);
      assert.deepEqual(JSON.parse(sh(shell, `${shell} ${quoted(link)}`, top).stdout), ['start']);
    });

    test('without Node it says where to get it', () => {
      const few = path.join(top, `few ${shell}`);
      fs.mkdirSync(few);
      for (const name of ['dirname', 'readlink', shell]) fs.symlinkSync(onPath(name)[0], path.join(few, name));
      const { status, stderr } = sh(shell, start, top, { PATH: few });
      assert.equal(status, 127);
      assert.match(stderr, /^Node is missing: https:\/\/nodejs\.org has it \(20\.19\+, 22\.12\+ or 24\+\)/);
    });
  });
}

/** Lines of a script without comments and blanks. */
const steps = (name: string) =>
  fs
    .readFileSync(path.join(ROOT, 'scripts/shell', name), 'utf8')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '' && !/^(?:#|rem )/.test(line));

/** What the grammar of PowerShell does not understand in a text. */
async function faults(text: string): Promise<string[]> {
  await Parser.init();
  const grammar = await Grammar.load(
    path.join(ROOT, 'node_modules/tree-sitter-powershell/tree-sitter-powershell.wasm'),
  );
  const parser = new Parser();
  parser.setLanguage(grammar);
  const tree = parser.parse(text)?.rootNode;
  const found = (tree?.descendantsOfType('ERROR') ?? []).map(
    node => `line ${node!.startPosition.row + 1}: ${node!.text}`,
  );
  return tree?.hasError && found.length === 0 ? ['something is missing'] : found;
}

describe('the scripts for cmd and PowerShell', () => {
  test('PowerShell’s grammar understands every line, and finds what is wrong in a broken one', async () => {
    for (const name of ['shell/activate.ps1', 'shell/start.ps1', 'train/lora.ps1'])
      assert.deepEqual(await faults(fs.readFileSync(path.join(ROOT, 'scripts', name), 'utf8')), [], name);
    const whole = fs.readFileSync(path.join(ROOT, 'scripts/shell/start.ps1'), 'utf8');
    for (const broken of [
      whole.replace('{', ''),
      whole.replace("'../lab.mjs')", "'../lab.mjs'"),
      whole.replace('& node (', '& node (('),
    ])
      assert.notDeepEqual(await faults(broken), [], broken);
  });

  test('do the same things in the same order as those for sh', () => {
    const order = (name: string, ...patterns: RegExp[]) => {
      const found = patterns.map(pattern => steps(name).findIndex(line => pattern.test(line)));
      assert.ok(!found.includes(-1), `${name}: ${found}`);
      assert.deepEqual(
        found,
        [...found].sort((x, y) => x - y),
        name,
      );
    };
    order(
      'activate.cmd',
      /%~dp0\.\.\\\.\./,
      /if not exist .*\.venv\\Scripts\\activate\.bat/,
      /npm run setup/,
      /^call .*activate\.bat"$/,
      /^set "PATH=.*node_modules\\\.bin;%PATH%"$/,
    );
    order(
      'activate.ps1',
      /\$PSScriptRoot '\.\.\/\.\.'/,
      /Scripts\/Activate\.ps1.*bin\/Activate\.ps1/,
      /npm run setup/,
      /^\. \$/,
      /node_modules\/\.bin.*PathSeparator.*\$env:PATH$/,
    );
    order(
      'start.cmd',
      /^for %%i in \(node\.exe\) do set "_LAB_NODE=%%~\$PATH:i"/,
      /Node is missing/,
      /^node "%~dp0\.\.\\lab\.mjs" start %\*$/,
      /^exit \/b %errorlevel%$/,
    );
    order(
      'start.ps1',
      /Get-Command node/,
      /Node is missing/,
      /^& node .*lab\.mjs'\) start @args$/,
      /^exit \$LASTEXITCODE$/,
    );
    assert.ok(!steps('activate.cmd').includes('setlocal'), 'what activate.cmd sets has to stay');
  });
});
