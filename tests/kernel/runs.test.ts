/** What the kernel keeps of its cells' outputs equals what a front end that heard every message has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Runs } from '../../lib/kernel/protocol/runs';
import type { Message } from '../../lib/kernel/protocol/wire';

const request = (id: string, cell: string, code = cell): Message =>
  ({ header: { msg_id: id, session: 's' }, metadata: { cellId: cell }, content: { code } }) as unknown as Message;

type Said = { type: string; content: Record<string, unknown> };
const text = fc.constantFrom('a', 'b\n', 'c');
const name = fc.constantFrom('bar', 'chart');
const said: fc.Arbitrary<Said> = fc.oneof(
  text.map(t => ({ type: 'stream', content: { name: 'stdout', text: t } })),
  fc.tuple(text, fc.option(name)).map(([t, id]) => ({
    type: 'display_data',
    content: { data: { 'text/plain': t }, metadata: {}, transient: id ? { display_id: id } : {} },
  })),
  fc.tuple(text, name).map(([t, id]) => ({
    type: 'update_display_data',
    content: { data: { 'text/plain': t }, metadata: {}, transient: { display_id: id } },
  })),
  fc.boolean().map(wait => ({ type: 'clear_output', content: { wait } })),
);

/** A front end in the plainest words: the texts that it shows, one a line. */
function shownBy(messages: readonly Said[]): string[] {
  let shown: { kind: string; text: string; id?: string }[] = [];
  let clear = false;
  for (const { type, content } of messages) {
    const { data = {}, transient } = content as { data?: Record<string, string>; transient?: { display_id?: string } };
    const id = transient?.display_id;
    if (type === 'clear_output' && content.wait) clear = true;
    else if (type === 'clear_output') shown = [];
    else if (type === 'update_display_data')
      shown = shown.map(one => (one.id === id ? { ...one, text: data['text/plain'] } : one));
    else {
      if (clear) shown = [];
      clear = false;
      const last = shown.at(-1);
      if (type === 'stream' && last?.kind === 'stream') last.text += content.text;
      else shown.push({ kind: type, text: String(content.text ?? data['text/plain']), id });
    }
  }
  return shown.map(one => one.text);
}

test('any sequence of prints, pictures, updates and clearings', () => {
  fc.assert(
    fc.property(fc.array(said, { maxLength: 30 }), messages => {
      const runs = new Runs();
      const parent = request('1', 'cell');
      runs.add(parent);
      for (const { type, content } of messages) runs.hear(type, content, parent);
      const [run] = runs.since('');
      const texts = run.outputs.map(
        output => (output.text ?? (output.data as Record<string, string>)['text/plain']) as string,
      );
      assert.deepEqual(texts, shownBy(messages));
    }),
  );
});

test('a run waits, runs and is over; a page asks for what has ended since its file was saved', async () => {
  const runs = new Runs();
  const [first, second] = [request('1', 'a'), request('2', 'b')];
  for (const one of [first, second]) runs.add(one);
  runs.hear('execute_input', { execution_count: 7 }, first);
  assert.deepEqual(
    runs.since('').map(({ state, count }) => [state, count]),
    [
      ['running', 7],
      ['waiting', null],
    ],
  );
  runs.hear('status', { execution_state: 'idle' }, first);
  const saved = new Date(Date.now() + 1).toISOString();
  assert.deepEqual(
    runs.since(saved).map(({ cell }) => cell),
    ['b'],
    'what has ended is in the file',
  );
  assert.equal(runs.since(new Date(Date.now() - 1000).toISOString()).length, 2);
  runs.add(request('3', 'a'));
  assert.deepEqual(
    runs.since('').map(({ id }) => id),
    ['2', '3'],
    'only the newest run of a cell',
  );
});

test('requests that name no cell are not kept, and no more than the last few hundred are', () => {
  const runs = new Runs();
  runs.add({ ...request('0', 'x'), metadata: {} });
  assert.equal(runs.since('').length, 0);
  for (let i = 0; i < 1000; i++) runs.add(request(String(i), `cell ${i}`));
  assert.equal(runs.since('').length, 300);
});
