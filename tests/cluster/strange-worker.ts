/** A server that says it has another version of TensorFlow, or says nothing: `strange-worker.ts PORT VERSION|none`. */
import { serverDef } from '../../lib/runtime/cluster/messages';
import { IDENTITY_FILE } from '../../lib/runtime/cluster/worker';
import { binding, nativeBackend, tf } from '../../lib/runtime/tensorflow';

const [port, version] = process.argv.slice(2);
if (version !== 'none') {
  const file = [IDENTITY_FILE, JSON.stringify({ tensorflow: version, node: '20.0.0' })];
  const texts = file.map(text => tf.scalar(text, 'string'));
  nativeBackend().executeMultipleOutputs('WriteFile', [], texts, 0);
}
binding().startServer(serverDef({ worker: [`127.0.0.1:${port}`] }, 'worker'));
console.log('serving');
setInterval(() => {}, 2 ** 30);
