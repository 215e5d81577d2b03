/** Messages of the protocol, noted as they pass. */
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';

export interface Passed {
  from: 'client' | 'server';
  message: JSONRPCMessage;
}

/**
 * The client's end of a transport, which tells `note` of each message before it goes on.
 * @example const passed: Passed[] = []; await client.connect(recorded(transport, each => passed.push(each)));
 */
export function recorded(transport: Transport, note: (passed: Passed) => void): Transport {
  const [send, start] = [transport.send.bind(transport), transport.start.bind(transport)];
  transport.send = (message, options) => {
    note({ from: 'client', message });
    return send(message, options);
  };
  transport.start = () => {
    const heard = transport.onmessage; // the client has set it by now
    transport.onmessage = (message, extra) => {
      note({ from: 'server', message });
      heard?.(message, extra);
    };
    return start();
  };
  return transport;
}

/** A message in a few words: its method and tool, or what it answers to. `before`: what passed earlier. */
export function inShort({ message }: Passed, before: readonly Passed[] = []): string {
  if ('method' in message) {
    const { name } = (message.params ?? {}) as { name?: string };
    return name ? `${message.method}: ${name}` : message.method;
  }
  const asked = before.find(({ message: each }) => 'id' in each && 'method' in each && each.id === message.id);
  const to = asked && 'method' in asked.message ? ` to ${asked.message.method}` : '';
  if ('error' in message) return `error${to}`;
  return `${(message.result as { isError?: boolean }).isError ? 'error' : 'answer'}${to}`;
}
