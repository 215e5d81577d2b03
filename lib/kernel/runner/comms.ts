/** Channels to the front end (Jupyter's comms), and what a page asks for that is opened anew. */
import { randomUUID } from 'node:crypto';
import type { Comm, CommMessage } from '../../runtime/display';
import type { ToRunner } from '../messages';
import { type CellContext, context } from './context';
import { currentCell, send } from './link';
import { plainBuffers, plainJson } from './plain';
import { describeError } from './traceback';

interface Open {
  target: string;
  handlers: ((message: CommMessage) => void)[];
  /** The cell that opened it: output of its handlers appears there. */
  owner: CellContext;
}

const CONTROL = 'jupyter.widget.control';
const WIDGET = 'jupyter.widget';
const open = new Map<string, Open>();

function post(
  type: 'comm_open' | 'comm_msg' | 'comm_close',
  id: string,
  target: string | undefined,
  message: CommMessage,
): void {
  const data = plainJson('the data of this message to the page', message.data ?? {}) as CommMessage['data'];
  const metadata = plainJson('the metadata of this message', message.metadata ?? {}) as CommMessage['data'];
  const buffers = plainBuffers(message.buffers ?? []);
  const content = target === undefined ? { comm_id: id, data } : { comm_id: id, target_name: target, data };
  send({ kind: 'comm', cell: context.getStore()?.cell ?? currentCell(), type, content, metadata, buffers });
}

export function openComm(target: string, opening: CommMessage): Comm {
  if (typeof target !== 'string') throw new TypeError(`expected the name of a target, got ${typeof target}`);
  const id = randomUUID().replaceAll('-', '');
  const store = context.getStore();
  open.set(id, {
    target,
    handlers: [],
    owner: { cell: store?.cell ?? currentCell(), count: store?.count ?? 0, aborted: false },
  });
  try {
    post('comm_open', id, target, opening);
  } catch (error) {
    open.delete(id);
    throw error;
  }
  return {
    id,
    send: message => post('comm_msg', id, undefined, message),
    close: () => {
      if (open.delete(id)) post('comm_close', id, undefined, { data: {} });
    },
    onMessage: handler => open.get(id)?.handlers.push(handler),
  };
}

/** A message from the front end. */
export function receiveComm({ type, content, buffers }: Extract<ToRunner, { kind: 'comm' }>): void {
  const { comm_id: id, data } = content;
  if (type === 'comm_open') {
    if (content.target_name === CONTROL) open.set(id, controlComm());
    else post('comm_close', id, undefined, { data: {} }); // nobody here knows this target
    return;
  }
  const found = open.get(id);
  if (type === 'comm_close') open.delete(id);
  else if (found?.target === CONTROL) sendAllStates(id, data);
  else if (found) context.run({ ...found.owner }, () => deliver(found, { data, buffers }));
}

function deliver({ handlers, owner }: Open, message: CommMessage): void {
  for (const handler of handlers) guarded(owner, () => handler(message));
}

/** An error of a handler is shown below the cell that opened the channel. */
function guarded(owner: CellContext, act: () => void): void {
  try {
    act();
  } catch (error) {
    send({ kind: 'error', cell: owner.cell, error: describeError(error) });
  }
}

function controlComm(): Open {
  return { target: CONTROL, handlers: [], owner: { cell: currentCell(), count: 0, aborted: false } };
}

/** Widgets answer `request_state`; this collects them all, for a page that was opened anew. */
function sendAllStates(id: string, data: Record<string, unknown>): void {
  if (data.method !== 'request_states') return;
  const states: Record<string, unknown> = {};
  for (const [widget, { target, handlers, owner }] of open) {
    if (target !== WIDGET) continue;
    const collect = { method: 'collect_state', into: (state: unknown) => Object.assign(states, { [widget]: state }) };
    for (const handler of handlers) guarded(owner, () => handler({ data: collect }));
  }
  post('comm_msg', id, undefined, { data: { method: 'update_states', states, buffer_paths: [] } });
}
