/** A Chinese notebook's kernel speaks Chinese: figures, cards, errors, TypeScript's messages, widgets; a cell may switch. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Front, type Reply } from './client';

const shown = ({ outputs }: Reply): Record<string, string>[] =>
  outputs.filter(({ type }) => /display_data|execute_result/.test(type)).map(({ content }) => content.data as never);

describe('a kernel in a Chinese notebook', { timeout: 300_000 }, () => {
  let front: Front;
  before(async () => {
    front = await Front.start({ JPY_SESSION_NAME: 'notebooks/zh/12-diffusion.ipynb' });
    const reply = await front.run(
      "import { claim, exercise, language, lineChart, slider, table, tf, todo } from './lib';\nimport { kernel } from './lib/runtime/display';",
    );
    assert.equal(reply.status, 'ok', String(reply.content.evalue));
  });
  after(() => front.stop());

  test('figures: alt text, axis titles and legends in spec and picture', async () => {
    const [chart] = shown(
      await front.run("await lineChart({ 'live net': [1, 0.5] }, { xTitle: 'step', yTitle: 'loss' })"),
    );
    const spec = JSON.stringify(chart['application/vnd.vegalite.v5+json']);
    for (const said of [spec, chart['image/svg+xml'], chart['text/plain']]) {
      assert.match(said, /现场训练的网络/);
      assert.doesNotMatch(said.replace(/"field":"\w+"/g, ''), /live net|\bloss\b|falls/);
    }
    assert.match(chart['text/plain'], /^现场训练的网络从 1 降到 0\.5，步从 1 到 2。/);
  });

  test('tables by label; a name that the reader made up stays', async () => {
    const [data] = shown(await front.run("table([{ model: 'my own net', loss: 3 }])"));
    assert.match(data['text/html'], />模型<.*>损失</);
    assert.match(data['text/html'], />my own net</);
  });

  test('both halves of a pair: the page shows its own', async () => {
    const [card] = shown(await front.run("claim({ en: 'it holds', zh: '成立' }, true)"));
    assert.match(card['text/html'], /✓ 成立/);
    assert.doesNotMatch(card['text/html'], /it holds/);
    const [unsolved] = shown(
      await front.run("await exercise('x', is => is.near('x', todo(), 1, { hint: { en: 'add', zh: '相加' } }))"),
    );
    assert.match(unsolved['text/html'], /还没有作答[\s\S]*<summary>提示<\/summary>相加/);
  });

  test('what the reader prints and inspects stays, tensors are described in Chinese', async () => {
    const said = await front.run("console.log('loss'); console.log('the loss is 3'); ({ loss: 3, mean: 'right' })");
    assert.equal(said.text, 'loss\nthe loss is 3\n');
    assert.equal(said.result, "{ loss: 3, mean: 'right' }");
    assert.match((await front.run('tf.tensor1d([1, 2])')).result ?? '', /^张量 float32 \[2\] {2}最小 1 {2}最大 2/);
  });

  test('errors of the compiler and at run time', async () => {
    const typed = await front.run("const n: number = 'a';");
    assert.match(String(typed.content.evalue), /不能将类型“string”分配给类型“number”/);
    assert.match((typed.content.traceback as string[]).join('\n'), /单元格 \[\d+\]，第 1 行/);
    const [finding] = shown(await front.run("claim('the sum is 1', false)"));
    assert.match(finding['text/html'], /✗ the sum 为 1.*按现在的数，结论不成立/);
    const failed = await front.run("process.env.LAB_CLAIMS = 'strict'; claim('the sum is 1', false)");
    assert.match(String(failed.content.evalue), /^结论不成立：the sum is 1。/);
    assert.match((failed.content.traceback as string[]).join('\n'), /Error.*: 结论不成立/);
    const own = await front.run("throw new Error('loss is 3')");
    assert.equal(own.content.evalue, 'loss is 3');
  });

  test("errors of the lib, the compiler's advice", async () => {
    await front.run("import { expectShape } from './lib/runtime/expect';");
    const shape = await front.run("expectShape('images', tf.zeros([128, 784]), ['B', 28, 28, 1], 'reshape first')");
    assert.equal(shape.content.evalue, '图像应为 [B, 28, 28, 1]，得到 [128, 784]；请先用 reshape 变形');
    assert.match((shape.content.traceback as string[])[0], /Error.*: 图像应为 \[B, 28, 28, 1\]/);
    const foreign = await front.run('const wide = len([1]);');
    assert.match(String(foreign.content.evalue), /^“len”是 Python 的写法，这里用：列表和文本用 x\.length/);
    const missing = await front.run("import pad from 'left-pad'; pad;");
    assert.match((missing.content.traceback as string[]).join('\n'), /要安装它，请在终端（菜单“文件 → 新建 → 终端”）/);
  });

  test('widgets: labels, not values', async () => {
    const { outputs } = await front.run("slider(0, 9, { step: 1, value: 4, label: 'digit' })");
    const opened = outputs
      .filter(({ type }) => type === 'comm_open')
      .map(({ content }) => JSON.stringify(content.data));
    assert.ok(
      opened.some(state => /"description":"数字/.test(state)),
      opened.join('\n'),
    );
  });

  test('a cell switches to English and back', async () => {
    await front.run("language('en')");
    assert.match(shown(await front.run("claim({ en: 'it holds', zh: '成立' }, true)"))[0]['text/plain'], /it holds/);
    assert.match(String((await front.run("const k: number = 'a';")).content.evalue), /Type 'string' is not assignable/);
    await front.run("language('zh')");
    assert.match(String((await front.run("const m: number = 'a';")).content.evalue), /不能将类型/);
  });
});
