/**
 * `npm run worker -- --port 2222`: lets others compute on this machine's devices, until Ctrl-C. It listens to this machine
 * alone; `--host 0.0.0.0` (or one of its addresses) to others, too. In a cell: `await cluster(['host1:2222'])`.
 */
import { device, startWorker } from '../lib/runtime';
import { LOOPBACK, OPEN_WARNING } from '../lib/runtime/cluster/worker';
import { parseCommand, runCommand } from './notebooks/command';

async function main(argv: string[]): Promise<number> {
  const { words, options } = parseCommand(argv, ['port', 'host']);
  if (words.length > 0) throw new Error(`unexpected ${JSON.stringify(words[0])}; as in npm run worker -- --port 2222`);
  const port = Number(options.get('port') ?? 2222);
  if (!Number.isInteger(port) || port < 1 || port > 65535)
    throw new Error(`--port must be a whole number from 1 to 65535, got ${options.get('port')}`);
  const host = options.get('host') ?? LOOPBACK;
  await startWorker(port, host);
  console.log(`worker at ${host}:${port}, ${device.description}`);
  if (host.startsWith('127.')) console.log('Only this machine reaches it; --host 0.0.0.0 lets others in.');
  else console.log(`Attention: ${OPEN_WARNING}.`);
  console.log(
    `In a cell: await cluster(['${host.startsWith('127.') ? 'localhost' : 'NAME-OF-THIS-MACHINE'}:${port}'])`,
  );
  return new Promise(resolve => {
    const forever = setInterval(() => {}, 2 ** 30);
    const end = () => {
      clearInterval(forever);
      resolve(0);
      process.exit(0); // TensorFlow's server has no end of its own
    };
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
  });
}

if (require.main === module) runCommand(main);
