/** Writing with SmolLM2-135M, greedily, a token a step; transformers does the same in reference_transformers.py. */
import { type CausalModel, Decoder } from '../../lib/models/decoder';
import { LanguageModel } from '../../lib/models/language-model';
import { likeliest } from '../../lib/models/sampling';
import { KeyValueCache } from '../../lib/nn';
import { tf } from '../../lib/runtime';

/** Tokens of a text; after that it begins anew. */
const LENGTH = 200;
const CAPACITY = 256;

/** A step reads one token and chooses the likeliest that follows. @throws Error where the model was not fetched */
export function decodingStep(mode: string): () => void {
  const { net } = LanguageModel.load('smollm2');
  const writer = mode === 'eager' ? eagerly(net) : new Decoder(net, { capacity: CAPACITY, xla: mode === 'xla' });
  let [token, length] = [1, 0];
  return () => {
    if (length++ % LENGTH === 0) writer.rewind();
    const logits = writer.feed([[token]]); // [1, V]
    token = likeliest(logits.dataSync());
    logits.dispose();
  };
}

/** The decoder's step without compiling it. */
function eagerly(net: CausalModel): Pick<Decoder, 'feed' | 'rewind'> {
  const cache = new KeyValueCache({ ...net.memory, capacity: CAPACITY });
  return {
    feed: ([[id]]) => tf.tidy(() => net.next(tf.tensor2d([[id]], [1, 1], 'int32'), cache, tf.scalar(1))),
    rewind: () => cache.rewind(),
  };
}
