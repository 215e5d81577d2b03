/** The judgements of set-up, doctor and test runner, each without touching the machine. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { fitOf } from '../../lib/data/versions';
import { judgeFits } from '../../scripts/doctor/checks';
import { driverIsNewEnough } from '../../scripts/doctor/words';
import { addonSources } from '../../scripts/setup/addon';
import { compilerCandidates, findCompiler, zig } from '../../scripts/setup/compiler';
import { parseGpus, wantedDevice } from '../../scripts/setup/device';
import { kernelSpec, labSettings } from '../../scripts/setup/jupyter';
import { chooseLanguage } from '../../scripts/setup/language';
import { tensorflowRequirements } from '../../scripts/setup/packages';
import { noPython, pythonCandidates, pythonFits } from '../../scripts/setup/python';
import { explain, remedyFor } from '../../scripts/setup/remedies.cjs';
import { must, SetupError } from '../../scripts/setup/shell';
import { jupyterArguments } from '../../scripts/start';
import { chooseStages } from '../../scripts/test';
import { newFolder } from '../folder';

describe('failures are told with their remedy', () => {
  const cases: [string, RegExp, RegExp][] = [
    ['npm error code ENOSPC', /disk is full/, /free about 4 GB/],
    ['error: failed to write: No space left on device (os error 28)', /disk is full/, /free/],
    ['npm error code EAI_AGAIN\nrequest to the registry failed', /registry cannot be reached/, /HTTPS_PROXY/],
    [
      'NewConnectionError: Failed to establish a new connection: [Errno -3]',
      /registry cannot be reached/,
      /PIP_INDEX_URL/,
    ],
    ['error: client error (Connect)\n dns error', /registry cannot be reached/, /same command again/],
    ['ssl: CERTIFICATE_VERIFY_FAILED', /certificate is not trusted/, /NODE_EXTRA_CA_CERTS/],
    ['ERROR: No matching distribution found for tensorflow-cpu==2.21.0', /no build for this Python/, /LAB_PYTHON/],
    ['The virtual environment was not created because ensurepip is not available.', /without its venv/, /python3-venv/],
    ['EACCES: permission denied, mkdir', /may not be written/, /chown/],
  ];
  for (const [output, meaning, remedy] of cases) {
    test(output.split('\n')[0], () => {
      const known = remedyFor(output);
      assert.match(known?.meaning ?? '', meaning);
      assert.match(known?.remedy ?? '', remedy);
    });
  }

  test('an unknown failure shows the last lines of the program itself', () => {
    const told = explain('linking the addon', `${'noise\n'.repeat(50)}undefined symbol: TFE_Execute\n`);
    assert.match(told, /^linking the addon failed\.\n/);
    assert.match(told, /\| undefined symbol: TFE_Execute$/);
    assert.ok(told.split('\n').length <= 9);
  });

  test('a program that fails or does not exist becomes a SetupError', async () => {
    const fails = must('baking bread', process.execPath, ['-e', 'console.error("ENOSPC"); process.exit(3)']);
    await assert.rejects(
      fails,
      (error: unknown) => error instanceof SetupError && /baking bread failed: the disk is full/.test(error.message),
    );
    await assert.rejects(must('baking', 'no-such-program-here', []), /baking failed/);
  });
});

describe('Python', () => {
  test('3.10 to 3.13 fit', () => {
    const fitting = [
      [2, 7],
      [3, 9],
      [3, 10],
      [3, 12],
      [3, 13],
      [3, 14],
      [4, 0],
    ].filter(pythonFits);
    assert.deepEqual(fitting, [
      [3, 10],
      [3, 12],
      [3, 13],
    ]);
  });
  test('LAB_PYTHON alone counts where it is set; Windows has its launcher', () => {
    assert.deepEqual(pythonCandidates({ LAB_PYTHON: '/opt/py' }, 'linux'), [['/opt/py']]);
    assert.deepEqual(pythonCandidates({}, 'win32')[0], ['py', '-3']);
    assert.deepEqual(pythonCandidates({}, 'linux')[0], ['python3']);
  });
  test('an old one is named, with what to install', () => {
    const told = noPython(['python3 is 3.8.10']);
    assert.match(told, /3\.10 to 3\.13 .* found python3 is 3\.8\.10/);
    assert.match(told, /apt-get install python3/);
  });
});

describe('device', () => {
  test('nvidia-smi is read', () => {
    const gpus = parseGpus('NVIDIA GeForce RTX 4070, 550.54.14, 12282\n');
    assert.deepEqual(gpus, [{ name: 'NVIDIA GeForce RTX 4070', driver: '550.54.14', memoryMiB: 12282 }]);
    assert.deepEqual(parseGpus('No devices were found\n'), []);
  });
  test('LAB_DEVICE decides, and a typing error is named', async () => {
    for (const device of ['cuda', 'cpu', 'wasm', 'js'])
      assert.equal(await wantedDevice({ LAB_DEVICE: device }), device);
    await assert.rejects(
      wantedDevice({ LAB_DEVICE: 'gpu' }),
      /LAB_DEVICE=gpu is unknown; expected cuda, cpu, wasm, js/,
    );
  });
  test('the wheel follows the device', () => {
    assert.equal(tensorflowRequirements('cuda'), 'requirements-cuda.txt');
    assert.equal(tensorflowRequirements('cpu'), 'requirements-cpu.txt');
  });
  test('drivers are compared by number', () => {
    assert.ok(driverIsNewEnough('525.60.13') && driverIsNewEnough('550.5') && driverIsNewEnough('1000.1'));
    assert.ok(!driverIsNewEnough('470.199.02') && !driverIsNewEnough('525.60.12'));
  });
});

describe('the doctor on versions', () => {
  const stack = (Python: string, cuda?: string) =>
    fitOf(
      Object.entries({ TensorFlow: '2.21.0', Python, 'CUDA libraries': cuda }).map(([name, v]) => ({
        name,
        version: v,
      })),
    );
  test('without CUDA only Python is asked, with CUDA all', () => {
    assert.equal(judgeFits(stack('3.12.1', '13.0'), false).state, 'good');
    const { state, found } = judgeFits(stack('3.12.1', '13.0'), true);
    assert.deepEqual([state, found], ['bad', 'CUDA libraries 13.0 (wanted: 12.5 or later of 12)']);
    assert.match(judgeFits(stack('3.9.1'), false).found, /Python 3\.9\.1 \(wanted: 3\.10 to 3\.13\)/);
  });
});

describe('compiler', () => {
  test('CXX comes first, then g++, clang++ and c++', () => {
    const names = compilerCandidates({ CXX: 'ccache g++-13' }).map(({ command }) => command);
    assert.deepEqual(names, [['ccache', 'g++-13'], ['g++'], ['clang++'], ['c++']]);
  });
  test('with none on the PATH, zig is what compiles', async () => {
    const empty = newFolder('no compiler');
    assert.equal(await findCompiler({ PATH: empty }), undefined);
    assert.deepEqual(zig().command.slice(1), ['-m', 'ziglang', 'c++']);
    assert.match(zig().command[0], /\.venv/);
  });
  test('the addon is the package\u2019s backend with our binding', () => {
    assert.deepEqual(
      addonSources().map(file => path.basename(file)),
      ['tfjs_backend.cc', 'binding.cc'],
    );
  });
});

describe('commands', () => {
  test('arguments reach JupyterLab after ours', () => {
    const argv = jupyterArguments(['--no-browser', '--port', '9999'], true);
    assert.deepEqual(argv.slice(-4), ['--allow-root', '--no-browser', '--port', '9999']);
    assert.match(argv.join(' '), /root_dir=.*notebooks/);
  });
  test('the kernel is named so that notebooks open elsewhere, and starts with absolute paths', () => {
    const { argv, language } = kernelSpec() as { argv: string[]; language: string };
    assert.equal(language, 'typescript');
    assert.ok(path.isAbsolute(argv[0]) && path.isAbsolute(argv[1]));
  });
  test('--lang is remembered among the settings, beside what is there, and goes no further', () => {
    const folder = newFolder('settings');
    const file = path.join(folder, '@jupyterlab', 'translation-extension', 'plugin.jupyterlab-settings');
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, '{\n  // a remark\n  "locale": "en",\n  "stringsPrefix": "!!"\n}\n');
    const environment = { JUPYTERLAB_SETTINGS_DIR: folder };
    assert.deepEqual(chooseLanguage(['--lang', 'zh', '--no-browser'], environment), ['--no-browser']);
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), { locale: 'zh_CN', stringsPrefix: '!!' });
    assert.deepEqual(chooseLanguage(['--port', '9', '--lang=en'], environment), ['--port', '9']);
    assert.equal(JSON.parse(readFileSync(file, 'utf8')).locale, 'en');
    assert.deepEqual(chooseLanguage(['--port', '9'], environment), ['--port', '9']);
    assert.throws(() => chooseLanguage(['--lang', 'fr'], environment), /expected --lang en or --lang zh, got "fr"/);
    assert.throws(() => chooseLanguage(['--lang'], environment), /expected --lang en or --lang zh, got ""/);
  });
  test('menus are Chinese where the system is', () => {
    const plugin = '@jupyterlab/translation-extension:plugin';
    assert.deepEqual(labSettings('zh_CN.UTF-8')[plugin], { locale: 'zh_CN' });
    assert.equal(labSettings('en_GB.UTF-8')[plugin], undefined);
  });
  test('--only chooses stages and refuses unknown ones', () => {
    const stages = ['types', 'unit', 'setup'].map(name => ({ name, tasks: [] }));
    const names = (argv: string[]) => chooseStages(stages, argv).map(stage => stage.name);
    assert.deepEqual(names([]), ['types', 'unit', 'setup']);
    assert.deepEqual(names(['--only', 'setup,types']), ['types', 'setup']);
    assert.deepEqual(names(['--only=unit']), ['unit']);
    assert.throws(() => names(['--only', 'unti']), /no such stage; expected some of types, unit, setup/);
  });
  test('every command of package.json goes through lab.mjs to a script that exists', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    for (const [name, line] of Object.entries(scripts).filter(([key]) => key !== 'format')) {
      assert.equal(line, `node scripts/lab.mjs ${name}`);
      assert.ok(readFileSync(`scripts/${name}.ts`, 'utf8').length > 0);
    }
  });
});
