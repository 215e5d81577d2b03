/** The kernel of JupyterLite says to JupyterLab what Jupyter's protocol wants, whatever its two workers do and whenever they do it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LiteKernel, type Page } from '../../labextension/lite/kernel';
import type { Content, Message } from '../../labextension/lite/wire';
import type { CompilerRequest, ToRunner } from '../../lib/kernel/messages';
import type { Listener, Ran } from '../../lib/kernel/page/client';
import { RUNS_TARGET } from '../../lib/kernel/protocol/runs';
import { WORDS } from '../../scripts/site/page/words';

const WORDS_HERE = WORDS.en;

/** Workers that do what the test says. */
class FakePage implements Page {
  next = 1;
  readonly comms: ToRunner[] = [];
  readonly waiting: ((failed: boolean) => void)[] = [];
  stops = 0;
  ended = false;

  run(): Promise<Ran> {
    const cell = this.next++;
    return new Promise(resolve => {
      this.waiting.push(failed => resolve({ cell, failed, compiled: true, made: [], unmade: [] }));
    });
  }

  ask<T>(request: CompilerRequest | { kind: 'check'; code: string }): Promise<T> {
    const answers: Record<string, unknown> = {
      complete: { start: 0, end: 2, items: [{ name: 'print', kind: 'function', signature: '' }] },
      inspect: { markdown: '**x**', text: 'x' },
      completeness: { status: 'incomplete', indent: '  ' },
    };
    return Promise.resolve(answers[request.kind] as T);
  }

  comm(message: ToRunner): void {
    this.comms.push(message);
  }

  async stop(): Promise<void> {
    this.stops++;
  }

  end(): void {
    this.ended = true;
  }
}

function begin() {
  const sent: Message[] = [];
  const page = new FakePage();
  const arriving: unknown[][] = [];
  let listener: Listener | undefined;
  const kernel = new LiteKernel(
    { id: 'k', name: 'tslab', location: '', sendMessage: message => sent.push(message) },
    (_, heard) => {
      listener = heard;
      return { page, words: WORDS_HERE, arriving: (...about) => arriving.push(about) };
    },
  );
  let serial = 0;
  const say = async (type: string, content: Content = {}): Promise<string> => {
    const id = `m${++serial}`;
    const header = { msg_id: id, msg_type: type, session: 's', username: '', date: '', version: '5.3' };
    await kernel.handleMessage({ header, parent_header: {}, metadata: {}, content, channel: 'shell' });
    await quiet();
    return id;
  };
  const under = (id: string): Message[] => sent.filter(message => message.parent_header.msg_id === id);
  const told = (id: string): string[] =>
    under(id).map(({ header, content }) =>
      `${header.msg_type} ${content.execution_state ?? content.status ?? ''}`.trim(),
    );
  return { kernel, page, sent, arriving, say, under, told, heard: () => listener! };
}

/** All that can be said by now has been said. */
const quiet = () => new Promise(resolve => setTimeout(resolve, 25));

test('a cell: busy, its code, what it shows, the reply, idle, all under the request that ran it', async () => {
  const { page, say, under, told, heard } = begin();
  const id = await say('execute_request', { code: '1 + 1' });
  heard().output(1, 'stream', { name: 'stdout', text: 'a' });
  heard().output(1, 'execute_result', { data: { 'text/plain': '2' }, metadata: {}, execution_count: 1 });
  page.waiting[0](false);
  await quiet();
  assert.deepEqual(told(id), [
    'status busy',
    'execute_input',
    'stream',
    'execute_result',
    'execute_reply ok',
    'status idle',
  ]);
  const channels = under(id).map(({ channel }) => channel);
  assert.deepEqual(channels, ['iopub', 'iopub', 'iopub', 'iopub', 'shell', 'iopub']);
  assert.ok(under(id).every(({ header }) => header.session === 's'));
  const late = await say('execute_request', { code: '2' });
  heard().output(1, 'stream', { name: 'stdout', text: 'of a timer' });
  assert.equal(under(id).at(-1)?.content.text, 'of a timer', 'output that comes late goes to the cell that made it');
  assert.equal(told(late).includes('stream'), false);
});

test('what is asked while a cell runs is answered at once, and the kernel still counts as busy', async () => {
  const { page, sent, say, told } = begin();
  const cell = await say('execute_request', { code: 'for (;;) {}' });
  for (const [type, wanted] of [
    ['complete_request', 'complete_reply ok'],
    ['inspect_request', 'inspect_reply ok'],
    ['is_complete_request', 'is_complete_reply incomplete'],
    ['kernel_info_request', 'kernel_info_reply ok'],
    ['comm_info_request', 'comm_info_reply ok'],
    ['history_request', 'history_reply ok'],
  ]) {
    const id = await say(type, { code: 'pr', cursor_pos: 2 });
    assert.deepEqual(told(id), ['status busy', wanted, 'status idle']);
    assert.deepEqual([sent.at(-1)?.content.execution_state, sent.at(-1)?.parent_header.msg_id], ['busy', cell]);
  }
  page.waiting[0](false);
});

test('after an error the cells that wait do not run; the next one does', async () => {
  const { page, say, under, told, heard } = begin();
  const failing = await say('execute_request', { code: 'throw 1' });
  const waiting = await say('execute_request', { code: '2' });
  heard().output(1, 'error', { ename: 'Error', evalue: 'one', traceback: [] });
  page.waiting[0](true);
  await quiet();
  const reply = under(failing).find(({ header }) => header.msg_type === 'execute_reply')!;
  assert.deepEqual(reply.content, {
    status: 'error',
    execution_count: 1,
    ename: 'Error',
    evalue: 'one',
    traceback: [],
  });
  assert.deepEqual(told(waiting), ['execute_reply aborted', 'status idle']);
  const next = await say('execute_request', { code: '3' });
  page.waiting[1](false);
  await quiet();
  assert.ok(told(next).includes('execute_reply ok'));
});

test('a cell that needs a computer shows its error, and the cells that wait go on', async () => {
  const { page, say, told, heard } = begin();
  const first = await say('execute_request', { code: 'spawn()' });
  const second = await say('execute_request', { code: '2' });
  heard().output(1, 'error', { ename: 'NotInAPage', evalue: 'a page cannot', traceback: [] });
  page.waiting[0](true);
  await quiet();
  page.waiting[1](false);
  await quiet();
  assert.deepEqual(told(first).slice(-3), ['error', 'execute_reply ok', 'status idle']);
  assert.ok(told(second).includes('execute_reply ok'));
});

test('Stop: the cell that runs ends with an error, those that wait do not run, and a lost worker is said', async () => {
  const { kernel, page, say, under, told, heard } = begin();
  const first = await say('execute_request', { code: 'for (;;) {}' });
  const second = await say('execute_request', { code: '2' });
  kernel.interrupt();
  assert.equal(page.stops, 1);
  page.waiting[0](true); // before its code began: the worker says nothing
  await quiet();
  const error = under(first).find(({ header }) => header.msg_type === 'error')!;
  assert.deepEqual([error.content.ename, error.content.evalue], ['KeyboardInterrupt', WORDS_HERE.stopped]);
  assert.deepEqual(told(second), ['execute_reply aborted', 'status idle']);
  const third = await say('execute_request', { code: 'deaf()' });
  heard().lost(false);
  page.waiting[1](true);
  await quiet();
  const lost = under(third).filter(({ header }) => header.msg_type === 'error');
  assert.deepEqual(
    lost.map(({ content }) => content.evalue),
    [WORDS_HERE.lost],
  );
});

test('channels of widgets: both ways, with their bytes, and none before a worker is there', async () => {
  const { page, sent, say, told, heard } = begin();
  const early = await say('comm_open', { comm_id: 'a', target_name: 'jupyter.widget.control', data: {} });
  assert.deepEqual(told(early), ['status busy', 'comm_close', 'status idle']);
  const anew = await say('comm_open', { comm_id: 'r', target_name: RUNS_TARGET, data: {} });
  assert.deepEqual(told(anew), ['status busy', 'comm_msg', 'status idle']);
  await say('execute_request', { code: 'slider()' });
  const bytes = new Uint8Array([9, 1, 2, 9]).subarray(1, 3);
  const content = { comm_id: 'w', target_name: 'jupyter.widget', data: {} };
  heard().comm({ kind: 'comm', cell: 1, type: 'comm_open', content, metadata: { version: '2.1.0' }, buffers: [bytes] });
  const opened = sent.find(({ header }) => header.msg_type === 'comm_open')!;
  assert.deepEqual(new Uint8Array(opened.buffers![0] as ArrayBuffer), new Uint8Array([1, 2]));
  const asked = await say('comm_info_request', { target_name: 'jupyter.widget' });
  const info = sent.find(
    ({ header, parent_header }) => header.msg_type === 'comm_info_reply' && parent_header.msg_id === asked,
  );
  assert.deepEqual(info?.content.comms, { w: { target_name: 'jupyter.widget' } });
  await say('comm_msg', { comm_id: 'w', data: { method: 'update' } });
  assert.deepEqual(page.comms, [
    { kind: 'comm', type: 'comm_msg', content: { comm_id: 'w', data: { method: 'update' } }, buffers: [] },
  ]);
});

test('a cell that asks the reader gets the answer; a kernel that is disposed of leaves no worker', async () => {
  const { kernel, page, sent, say, heard } = begin();
  await say('execute_request', { code: 'await input()', allow_stdin: true });
  const answer = heard().question!(1, 'name?', false);
  const question = sent.at(-1)!;
  assert.deepEqual([question.channel, question.content], ['stdin', { prompt: 'name?', password: false }]);
  await say('input_reply', { value: 'Ada' });
  assert.deepEqual(await answer, { value: 'Ada' });
  kernel.dispose();
  assert.deepEqual([page.ended, kernel.isDisposed], [true, true]);
});

test('a file on its way is shown beside the notebook, not in it, until it is there or the kernel is gone', async () => {
  const { kernel, arriving, say, told, heard } = begin();
  const cell = await say('execute_request', { code: 'await mnist()' });
  for (const wait of ['data/images', 'data/more']) {
    heard().fetching(wait, 9e6);
    await new Promise(resolve => setTimeout(resolve, 350));
    if (wait === 'data/images') heard().fetching('', 0);
  }
  kernel.dispose();
  assert.deepEqual(arriving, [
    ['data/images', 9e6, undefined],
    ['', 0],
    ['data/more', 9e6, undefined],
    ['', 0],
  ]);
  assert.deepEqual(told(cell), ['status busy', 'execute_input']);
});
