/** Widgets: the messages a front end gets and sends, without a browser. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Front } from './client';

type State = Record<string, unknown>;

describe('widgets', { timeout: 300_000 }, () => {
  let front: Front;
  before(async () => {
    front = await Front.start();
    const code =
      "import { button, checkbox, column, dropdown, interact, progress, range, slider, text } from './lib/widgets';";
    assert.equal((await front.run(code)).status, 'ok');
  });
  after(() => front.stop());

  const opened = (reply: { outputs: { type: string; content: State }[] }) =>
    reply.outputs
      .filter(({ type }) => type === 'comm_open')
      .map(({ content }) => ({ id: String(content.comm_id), state: (content.data as { state: State }).state }));
  const send = (id: string, data: State) => front.request('comm_msg', { comm_id: id, data });
  const update = (id: string, state: State) => send(id, { method: 'update', state, buffer_paths: [] });

  test('whatever the code of a slider throws is shown in its place, and the kernel goes on', async () => {
    const hostile = ['null', '{ message: 5n, stack: 5 }', "new Proxy({}, { get() { throw new Error('no'); } })"];
    for (const thrown of hostile) {
      const reply = await front.run(`await interact({ x: slider(0, 9) }, () => { throw ${thrown}; })`);
      assert.equal(reply.status, 'ok', `${thrown}: ${reply.content.evalue}`);
      const shown = JSON.stringify(reply.outputs.map(({ content }) => content));
      assert.match(shown, /"output_type":"error","ename":"\w+","evalue":"/, thrown);
    }
    assert.equal((await front.run('6 * 7')).result, '42');
  });

  test('a slider: model, view, both directions, echo', async () => {
    const reply = await front.run('const s = slider(0, 100, { value: 5, label: "steps" }); s');
    const [{ id, state }] = opened(reply);
    assert.deepEqual(
      [state._model_name, state.value, state.min, state.max, state.description],
      ['IntSliderModel', 5, 0, 100, 'steps'],
    );
    const data = reply.outputs.at(-1)!.content.data as Record<string, State>;
    assert.equal(data['application/vnd.jupyter.widget-view+json'].model_id, id);

    const sent = update(id, { value: 42 });
    await front.until(({ header, parent }) => header.msg_type === 'status' && parent.msg_id === sent.id);
    assert.equal((await front.run('s.value')).result, '42');
    const echo = await front.until(
      ({ header, content }) => header.msg_type === 'comm_msg' && (content.data as State).method === 'echo_update',
    );
    assert.deepEqual((echo.content.data as State).state, { value: 42 });
    const set = await front.run('s.value = 7');
    assert.deepEqual((set.outputs[0].content.data as State).state, { value: 7 });
  });

  test('every control has a model and a value', async () => {
    const code =
      "const all = [slider(0, 1), range(0, 10), dropdown(['a', 'b'], { value: 'b' }), checkbox(true), text('hi'), button('go'), progress(3)]; const box = column(...all); all.map(w => w.value)";
    const reply = await front.run(code);
    assert.equal(reply.result, "[ 0, [ 0, 10 ], 'b', true, 'hi', 0, 0 ]");
    const names = opened(reply).map(({ state }) => state._model_name);
    assert.deepEqual(names, [
      'FloatSliderModel',
      'IntRangeSliderModel',
      'DropdownModel',
      'CheckboxModel',
      'TextModel',
      'ButtonModel',
      'FloatProgressModel',
      'VBoxModel',
    ]);
  });

  test('a button calls, and its output appears below its cell', async () => {
    const reply = await front.run("const b = button('go', () => console.log('clicked')); b");
    await send(opened(reply)[0].id, { method: 'custom', content: { event: 'click' } }).id;
    const output = await front.until(
      ({ header, content }) => header.msg_type === 'stream' && content.text === 'clicked\n',
    );
    assert.ok(output);
    assert.equal((await front.run('b.value')).result, '1');
  });

  test('interact: shows the result, runs again for a change, latest value wins', async () => {
    const code =
      "const runs: number[] = [];\nawait interact({ x: slider(0, 100) }, async ({ x }) => { runs.push(x); console.log('x is', x); await new Promise(r => setTimeout(r, 150)); return x * 2; })";
    const reply = await front.run(code);
    assert.equal(reply.status, 'ok', String(reply.content.evalue));
    const models = opened(reply);
    const output = models.find(({ state }) => state._model_name === 'OutputModel')!;
    const slider = models.find(({ state }) => state._model_name === 'IntSliderModel')!;
    const outputsOf = (content: State) => ((content.data as { state: State }).state.outputs ?? []) as State[];
    for (let x = 1; x <= 20; x++) update(slider.id, { value: x });
    const last = await front.until(
      ({ header, content }) =>
        header.msg_type === 'comm_msg' &&
        content.comm_id === output.id &&
        JSON.stringify(outputsOf(content)).includes('"40"'),
    );
    assert.deepEqual(
      outputsOf(last.content).map(({ output_type }) => output_type),
      ['stream', 'display_data'],
    );
    assert.match((await front.run('runs')).result!, /^\[ 0, 1, 20 \]$/);
  });

  test('interact: a notebook that is saved keeps the result beside the widget', async () => {
    const code =
      "await interact({ x: slider(0, 100) }, ({ x }) => ({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>' + (x + 7) + '</b>' }) }))";
    const shown = (await front.run(code)).outputs.find(({ type }) => type === 'execute_result')!;
    const data = shown.content.data as State;
    assert.equal(data['text/html'], '<b>7</b>');
    assert.ok('application/vnd.jupyter.widget-view+json' in data);
  });

  test('a page that is opened anew finds the widgets and their state', async () => {
    const { comms } = await front.ask('comm_info_request', { target_name: 'jupyter.widget' });
    const ids = Object.keys(comms as object);
    assert.ok(ids.length > 10);
    const id = 'c0';
    front.request('comm_open', { comm_id: id, target_name: 'jupyter.widget.control', data: {} });
    send(id, { method: 'request_states' });
    const answer = await front.until(
      ({ content }) => content.comm_id === id && (content.data as State).method === 'update_states',
    );
    assert.deepEqual(Object.keys((answer.content.data as { states: object }).states).sort(), ids.sort());
  });
});
