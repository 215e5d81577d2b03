/** The extension of JupyterLab is made without JupyterLab's builder, once, and is what JupyterLab loads. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import vm from 'node:vm';
import { menuWords, timeWords } from '../../labextension/src/page-words';
import { keptStates, waitForModels } from '../../labextension/src/viewing';
import { WIDGET_VIEW, type WidgetStates } from '../../scripts/notebooks/widgets';
import { writeExtension, writeLabExtension } from '../../scripts/setup/labextension';
import { inProject } from '../../scripts/setup/paths';
import { newFolder } from '../folder';

interface Container {
  init(scope: unknown): void;
  get(module: string): Promise<() => { default: { id: string; requires?: unknown[] }[] }>;
}

/** Loads an extension as JupyterLab does; its plugins, and the packages that it asked JupyterLab for. */
async function loaded(folder: string, name: string): Promise<{ plugins: string[]; asked: string[] }> {
  const { jupyterlab } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const world = { _JUPYTERLAB: {} as Record<string, Container>, document: {}, console };
  vm.runInNewContext(fs.readFileSync(path.join(folder, jupyterlab._build.load), 'utf8'), world);
  const asked: string[] = [];
  const scope = new Proxy(
    {},
    {
      get: (_, name: string) => {
        asked.push(name);
        return { '4.6.0': { get: async () => () => new Proxy({}, { get: () => class {} }) } };
      },
    },
  );
  const container = world._JUPYTERLAB[name];
  container.init(scope);
  const plugins = (await container.get('./extension'))().default;
  return { plugins: Array.from(plugins, ({ id }) => id).sort(), asked };
}

test('it is bundled once, and its container hands out the plugins with what JupyterLab shares', async () => {
  const folder = newFolder('labextension');
  assert.equal(writeLabExtension(folder), true);
  assert.equal(writeLabExtension(folder), false, 'nothing has changed');
  const { plugins, asked } = await loaded(folder, 'latentlab');
  assert.deepEqual(plugins, ['latentlab:reading', 'latentlab:running', 'latentlab:start']);
  assert.ok(asked.includes('@jupyterlab/notebook'));
});

test('the kernel for JupyterLite is an extension as well, over what JupyterLite shares', async () => {
  const folder = newFolder('labextension');
  writeExtension({ name: 'latentlab-lite', description: '' }, inProject('labextension', 'lite', 'index.ts'), folder);
  const { plugins, asked } = await loaded(folder, 'latentlab-lite');
  assert.deepEqual(plugins, ['latentlab-lite:kernel']);
  assert.deepEqual(asked.sort(), [
    '@jupyterlab/apputils',
    '@jupyterlab/coreutils',
    '@jupyterlab/notebook',
    '@jupyterlite/services',
    '@lumino/signaling',
  ]);
});

test('when a cell ran is said in the language of the notebook', () => {
  const said = {
    'Last executed at 2026-11-29 13:20:42 in 1.23s': '上次运行结束于 2026-11-29 13:20:42，用时 1.23s',
    'Failed at 2026-11-29 13:20:42 in 15ms': '2026-11-29 13:20:42 运行出错，用时 15ms',
    'Execution started at 2026-11-29 13:20:42': '2026-11-29 13:20:42 开始运行',
    'Execution queued at 2026-11-29 13:20:42': '2026-11-29 13:20:42 开始排队',
  };
  for (const [text, chinese] of Object.entries(said)) {
    assert.equal(timeWords(text, 'zh'), chinese);
    assert.equal(timeWords(text, 'en'), undefined);
  }
  assert.equal(timeWords('', 'zh'), undefined);
});

test('where JupyterLab shares less than it needs, it says what', async () => {
  const folder = newFolder('labextension');
  writeLabExtension(folder);
  const { jupyterlab } = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const world = { _JUPYTERLAB: {} as Record<string, Container> };
  vm.runInNewContext(fs.readFileSync(path.join(folder, jupyterlab._build.load), 'utf8'), world);
  world._JUPYTERLAB.latentlab.init({});
  await assert.rejects(world._JUPYTERLAB.latentlab.get('./extension'), /JupyterLab shares no @/);
});

test("states of widgets: the kernel's where it has one, else the saved; none that no output shows", () => {
  const model = (value: number, children: string[] = []) => ({
    model_name: 'm',
    state: { value, children: children.map(id => `IPY_MODEL_${id}`) },
  });
  const saved = { box: model(0, ['slider']), slider: model(1), gone: model(2) } as unknown as WidgetStates;
  const live = { fresh: model(3), hidden: model(4) } as unknown as WidgetStates;
  const shows = (id: string) => ({ data: { [WIDGET_VIEW]: { model_id: id } } });
  assert.deepEqual(keptStates([shows('box'), {}, shows('fresh')], saved, live), {
    box: saved.box,
    slider: saved.slider,
    fresh: live.fresh,
  });
  assert.deepEqual(keptStates([shows('box')], saved, { slider: live.fresh }).slider, live.fresh);
});

test("Vega's menu speaks the notebook's language; another output's metadata stay", () => {
  const vega = 'application/vnd.vegalite.v5+json';
  const menu = (path: string) =>
    (
      menuWords({ [vega]: { embed_options: { renderer: 'svg' } } }, { mimeType: vega, resolver: { path } })[vega] as {
        embed_options: { i18n: Record<string, string>; renderer: string };
      }
    ).embed_options;
  assert.equal(menu('zh/10-training-a-vae.ipynb').i18n.SVG_ACTION, '保存为 SVG');
  assert.equal(menu('10-training-a-vae.ipynb').i18n.SVG_ACTION, 'Save as SVG');
  assert.equal(menu('zh/a.ipynb').renderer, 'svg');
  const metadata = {};
  assert.equal(menuWords(metadata, { mimeType: 'text/html', resolver: null }), metadata);
});

test('a widget whose model comes after the manager has said that all is restored is drawn when it comes', async () => {
  const known = new Set<string>();
  // As JupyterLab's own renderer does: an error for good, and nothing kept, once the manager has spoken.
  class Renderer {
    _rerenderMimeModel: { data: { id: string } } | null = null;
    readonly widgets: string[] = [];
    async renderModel(model: { data: { id: string } }): Promise<void> {
      if (known.has(model.data.id)) this.widgets.push(model.data.id);
    }
    async managerRestored(): Promise<void> {
      if (this._rerenderMimeModel) await this.renderModel(this._rerenderMimeModel);
    }
  }
  const late = new Renderer();
  await late.renderModel({ data: { id: 'a' } });
  known.add('a');
  await late.managerRestored();
  assert.deepEqual(late.widgets, [], 'without the course it stays an error');
  waitForModels(Renderer.prototype as unknown as Parameters<typeof waitForModels>[0]);
  known.delete('a');
  await late.renderModel({ data: { id: 'a' } });
  assert.deepEqual(late.widgets, []);
  known.add('a');
  await late.managerRestored();
  assert.deepEqual(late.widgets, ['a']);
});
