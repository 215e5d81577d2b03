/** What answers a prediction waits until the reader has chosen, also after Run All; through the real kernel. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Front, type Reply } from './client';

const PLACE = 'This answers the prediction above. Choose there, and it unfolds here.';
const ASK = (question: string) =>
  `predict({ question: '${question}', choices: ['one', 'two', 'three'], answer: 1, why: 'so' })`;

describe('predictions', { timeout: 300_000 }, () => {
  let front: Front;
  before(async () => {
    front = await Front.start();
    const { status } = await front.run(
      "import { claim, predict, display } from './lib'; import { kernel } from './lib/runtime/display';",
    );
    assert.equal(status, 'ok');
  });
  after(() => front.stop());

  /** Runs a cell as JupyterLab does, which names the cell and sends its tags along. */
  const lab = (code: string, tags: string[] = []) => front.run(code, {}, undefined, { cellId: 'some-cell', tags });
  const texts = ({ outputs }: Reply) =>
    outputs.map(({ type, content }) => [
      type,
      (content.data as Record<string, string> | undefined)?.['text/plain'] ?? content.text ?? content.evalue,
    ]);

  /** Presses the button with a letter of the newest prediction, and returns what was heard since. */
  async function press(letter: string) {
    const buttons = front.heard.filter(
      ({ header, content }) =>
        header.msg_type === 'comm_open' &&
        (content.data as { state: { description?: string } }).state.description === letter,
    );
    const from = front.heard.length;
    const data = { method: 'custom', content: { event: 'click' } };
    front.request('comm_msg', { comm_id: buttons.at(-1)!.content.comm_id, data });
    await new Promise(resolve => setTimeout(resolve, 500));
    return front.heard.slice(from);
  }

  test('all that an answer shows waits, in its order; when a button is pressed it appears below its own cell', async () => {
    const asked = await lab(ASK('waits'));
    const view = asked.outputs.find(({ type }) => type === 'execute_result')!.content.data as Record<string, unknown>;
    assert.ok(view['application/vnd.jupyter.widget-view+json'], 'buttons');
    assert.match(String(view['text/html']), /lab-choice/, 'and a form for pages without a kernel');
    const first = await lab(
      "console.log('printed'); display({ 'text/plain': 'old' }, { id: 'x' }); display({ 'text/plain': 'new' }, { id: 'x', update: true }); claim('held', 1 < 2); 'value'",
      ['answer'],
    );
    const second = await lab("'second'", ['answer']);
    const other = await lab("'open'");
    assert.deepEqual(texts(first), [['display_data', PLACE]]);
    assert.deepEqual(texts(second), [['display_data', PLACE]]);
    assert.deepEqual(texts(other), [['execute_result', "'open'"]], 'a cell that answers nothing does not wait');

    const heard = await press('C');
    const parents = new Map<string, string[]>();
    for (const { header, parent, content } of heard) {
      if (!/^(stream|display_data|clear_output)$/.test(header.msg_type)) continue;
      const said = (content.data as Record<string, string> | undefined)?.['text/plain'] ?? content.text ?? 'cleared';
      parents.set(parent.msg_id!, [...(parents.get(parent.msg_id!) ?? []), String(said)]);
    }
    assert.deepEqual(
      [...parents.values()],
      [
        ['cleared', 'printed\n', 'new', "'value'", '✓ held\n  found 1, bound < 2'],
        ['cleared', "'second'"],
      ],
    );
    assert.deepEqual(texts(await lab("'third'", ['answer'])), [['execute_result', "'third'"]], 'it has been made');
  });

  test('each prediction opens its own answers only, and is not asked again', async () => {
    await lab(ASK('first of two'));
    await lab("'answer 1'", ['answer']);
    await lab(ASK('second of two'));
    await lab("'answer 2'", ['answer']);
    const heard = JSON.stringify(await press('A'));
    assert.match(heard, /answer 2/);
    assert.doesNotMatch(heard, /answer 1/);
    const again = await lab(ASK('second of two'));
    assert.doesNotMatch(JSON.stringify(again.outputs), /widget-view/);
    assert.deepEqual(texts(await lab("'answer 2'", ['answer'])), [['execute_result', "'answer 2'"]]);
  });

  test('an error is never hidden, nor what was shown before it', async () => {
    await lab(ASK('fails'));
    const failed = await lab("console.log('before'); throw new Error('broken')", ['answer']);
    assert.deepEqual(texts(failed), [
      ['display_data', PLACE],
      ['clear_output', undefined],
      ['stream', 'before\n'],
      ['error', 'broken'],
    ]);
  });

  test('a script that runs the notebook gets every output at once, and no buttons', async () => {
    const asked = await front.run(ASK('script'));
    assert.doesNotMatch(JSON.stringify(asked.outputs), /widget-view/);
    assert.deepEqual(texts(await front.run("'seen'", {}, undefined, { tags: ['answer'] })), [
      ['execute_result', "'seen'"],
    ]);
  });
});
