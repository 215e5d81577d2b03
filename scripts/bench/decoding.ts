/** Writing with a language model of SmolLM2's size and random weights, a token a step, 256 positions. */
import { Decoder } from '../../lib/models/decoder';
import { LLAMA, Llama } from '../../lib/models/llama';
import { likeliest } from '../../lib/models/sampling';

/** A step reads one token and chooses the likeliest that follows; after 200 the text begins anew. */
export function decodingStep(): () => void {
  const decoder = new Decoder(new Llama(LLAMA['smollm2-135m']));
  let token = 1;
  return () => {
    if (decoder.length >= 200) decoder.rewind();
    const logits = decoder.feed([[token]]); // [1, V]
    token = likeliest(logits.dataSync());
    logits.dispose();
  };
}
