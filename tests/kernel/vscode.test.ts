/** What VS Code's Jupyter extension relies on (docs/vscode.md): tested without the program. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { KERNEL_INFO } from '../../lib/kernel/info';
import { executeNotebook, failureText } from '../../scripts/notebooks/execute';
import { allLessons, ROOT, readNotebook } from '../../scripts/notebooks/notebook';
import { WIDGET_STATE, WIDGET_VIEW, widgetStates } from '../../scripts/notebooks/widgets';
import { venv, venvProgram } from '../../scripts/setup/paths';
import { VSCODE_NOTEBOOK } from '../cells';
import { newFolder } from '../folder';
import { Front } from './client';

/** The extension's way from a kernel's language to VS Code's id: lower case, and names such as c# spelt out. */
const languageId = (name: string): string => name.toLowerCase().replace(/^(.)#$/, '$1sharp');

describe('VS Code finds the kernel', () => {
  const folder = path.join(venv, 'share', 'jupyter', 'kernels', 'tslab');
  const spec = JSON.parse(fs.readFileSync(path.join(folder, 'kernel.json'), 'utf8'));

  test('in the virtual environment, where it looks for kernels of other languages, and below JUPYTER_PATH', () => {
    const env = { ...process.env, JUPYTER_PATH: path.join(venv, 'share', 'jupyter') };
    const list = execFileSync(venvProgram('jupyter'), ['kernelspec', 'list', '--json'], { env, encoding: 'utf8' });
    const found = JSON.parse(list).kernelspecs.tslab;
    assert.equal(fs.realpathSync(found.resource_dir), fs.realpathSync(folder));
    assert.equal(found.spec.language, 'typescript');
  });

  test('and can start it from any folder: absolute programs, a connection file, interrupts by message', () => {
    const [program, launch, ...rest] = spec.argv as string[];
    for (const file of [program, launch]) assert.ok(path.isAbsolute(file) && fs.existsSync(file), file);
    assert.deepEqual(rest, ['{connection_file}']);
    assert.equal(spec.interrupt_mode, 'message');
    assert.equal(spec.display_name, 'TypeScript');
  });
});

describe('VS Code knows the notebooks as TypeScript', () => {
  test('by language_info, by the kernelspec and by what the kernel says', () => {
    const own = ['', 'zh/'].map(place => path.join(ROOT, `notebooks/templates/${place}start-your-own.ipynb`));
    for (const file of [...allLessons().flatMap(({ files }) => Object.values(files)), ...own]) {
      const { kernelspec, language_info } = readNotebook(file).metadata as Record<string, Record<string, string>>;
      assert.deepEqual([kernelspec.name, kernelspec.language], ['tslab', 'typescript'], file);
      assert.equal(languageId(language_info.name), 'typescript', file);
    }
    const { name, mimetype, file_extension } = KERNEL_INFO.language_info;
    assert.deepEqual([languageId(name), mimetype, file_extension], ['typescript', 'text/typescript', '.ts']);
  });
});

describe('VS Code finds the widgets of a saved lesson in its file', () => {
  test('in the format of the ipywidgets project, each with its model, for every output that shows one', () => {
    let shown = 0;
    for (const file of allLessons().flatMap(({ files }) => Object.values(files))) {
      const notebook = readNotebook(file);
      const outputs = notebook.cells.flatMap(cell => cell.outputs ?? []);
      const ids = outputs.flatMap(
        ({ data }) => (data?.[WIDGET_VIEW] as { model_id: string } | undefined)?.model_id ?? [],
      );
      const states = widgetStates(notebook);
      assert.deepEqual(
        ids.filter(id => !states[id]),
        [],
        file,
      );
      if (ids.length === 0) continue;
      shown += ids.length;
      const saved = (notebook.metadata.widgets as Record<string, Record<string, unknown>>)[WIDGET_STATE];
      assert.deepEqual([saved.version_major, saved.version_minor], [2, 0], file);
      for (const { model_name, model_module, model_module_version, state } of Object.values(states)) {
        assert.match(
          `${model_module} ${model_module_version}`,
          /^@jupyter-widgets\/(controls 2|output 1|base 2)\.0\.0$/,
        );
        assert.deepEqual([typeof model_name, typeof state], ['string', 'object'], file);
      }
    }
    assert.ok(shown > 0, 'the lessons have widgets');
  });
});

describe('a notebook as VS Code writes it', () => {
  test('runs, and shows what its cells end with', async () => {
    const file = path.join(newFolder('vscode'), 'mine.ipynb');
    fs.writeFileSync(file, VSCODE_NOTEBOOK);
    const output = `${file}.out`;
    const { failure } = await executeNotebook(file, { output, quick: true, timeoutSeconds: 120 });
    assert.equal(failure && failureText(failure), undefined);
    const { cells } = readNotebook(output);
    const shown = cells.map(cell => (cell.outputs ?? []).map(({ data }) => data ?? {}));
    assert.equal(String(shown[2][0]['text/plain']), '6');
    assert.ok(shown[3][0]['application/vnd.vegalite.v5+json'], Object.keys(shown[3][0]).join());
    assert.deepEqual(cells[1].metadata.vscode, { languageId: 'typescript' }, 'what VS Code keeps in a cell stays');
  });
});

describe('the kernel answers as VS Code asks', { timeout: 300_000 }, () => {
  let front: Front;
  before(async () => {
    front = await Front.start();
  });
  after(() => front.stop());

  /** Types of the messages on iopub that belong to a request, in order. */
  const heard = (id: string): string[] =>
    front.heard
      .filter(({ parent }) => parent.msg_id === id)
      .map(({ header, content }) => (header.msg_type === 'status' ? String(content.execution_state) : header.msg_type));
  const idle = (id: string) =>
    front.until(({ parent, content }) => parent.msg_id === id && content.execution_state === 'idle');
  const execute = (code: string, options: Record<string, unknown> = {}) =>
    front.request('execute_request', { code, silent: false, store_history: true, allow_stdin: true, ...options });

  test('busy, the cell, what it shows, its result, idle: a cell is done when both reply and idle are there', async () => {
    const { id, reply } = execute("console.log('shown'); 1 + 1");
    assert.equal((await reply).content.status, 'ok');
    await idle(id);
    assert.deepEqual(heard(id), ['busy', 'execute_input', 'stream', 'execute_result', 'idle']);
  });

  test('a cell bears the address that VS Code gives it', async () => {
    const address = { cellId: 'vscode-notebook-cell:/c%3A/course/mine.ipynb#W2sZmlsZQ%3D%3D' };
    const { status, result, content } = await front.run('const seven = 7; seven', {}, undefined, address);
    assert.deepEqual([status, result], ['ok', '7'], JSON.stringify(content));
  });

  test('what it asks on its own, silently, leaves no trace: no input, no number, no history', async () => {
    const before = Number((await execute('2').reply).content.execution_count);
    const { id, reply } = execute('1', { silent: true, store_history: false });
    assert.equal((await reply).content.status, 'ok');
    await idle(id);
    assert.deepEqual(heard(id), ['busy', 'idle']);
    assert.equal((await execute('3').reply).content.execution_count, before + 1);
  });

  test('kernel_info and comm_info are answered before anything has run, also while a cell computes', async () => {
    const { id } = execute('await new Promise(r => setTimeout(r, 1500)); 7');
    const info = await front.ask('kernel_info_request', {}, front.control);
    assert.equal(info.protocol_version, KERNEL_INFO.protocol_version);
    await idle(id);
    assert.deepEqual((await front.ask('comm_info_request', {})).comms, {});
  });

  test('its stop button, an interrupt_request on the shell channel, ends a running cell', async () => {
    const { id, reply } = execute('for (;;) await new Promise(r => setTimeout(r, 20));');
    await front.until(({ parent, header }) => parent.msg_id === id && header.msg_type === 'execute_input');
    const started = performance.now();
    const answer = await front.ask('interrupt_request', {}, front.shell);
    assert.equal(answer.status, 'ok');
    assert.equal((await reply).content.status, 'error');
    assert.ok(performance.now() - started < 5000, 'the cell goes on');
    await idle(id);
    assert.equal((await execute('1').reply).content.status, 'ok');
  });
});
