/** Entry point: `node launch.cjs <connection file>`. */
import fs from 'node:fs';
import { isAlive } from '../runtime/alive';
import { Kernel } from './kernel';
import { type Connection, Sockets } from './protocol/sockets';

export async function main([connectionFile]: string[]): Promise<void> {
  if (!connectionFile) throw new Error('usage: node lib/kernel/launch.cjs <connection file>; Jupyter calls it so');
  const connection = JSON.parse(fs.readFileSync(connectionFile, 'utf8')) as Connection;
  const sockets = new Sockets(connection);
  await sockets.bind();
  const end = async () => {
    await kernel.close();
    await sockets.close();
    process.exit(0);
  };
  const kernel: Kernel = new Kernel(sockets, end);
  sockets.listen((channel, message) => kernel.receive(channel, message));

  process.on('SIGINT', () => kernel.interrupt());
  process.on('SIGTERM', end);
  endWithParent(end);
}

/** Jupyter names its own process; when that is gone nobody can reach this kernel any more. */
function endWithParent(end: () => void): void {
  const parent = Number(process.env.JPY_PARENT_PID);
  if (!parent || process.platform === 'win32') return;
  setInterval(() => {
    if (!isAlive(parent)) end();
  }, 2000).unref();
}
