import { refusal } from './refusal';

/** A page opens no connections of its own to other machines. */
const cannot = (): never => {
  throw refusal('NeedsConnection', 'a page cannot connect to other machines');
};

export const http2 = { connect: cannot } as unknown as typeof import('node:http2');
export const net = { createServer: cannot, isIPv4: cannot } as unknown as typeof import('node:net');
