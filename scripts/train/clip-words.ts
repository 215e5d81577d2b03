/** The text half of the course's own CLIP, trained on emoji and captions in both languages, in the place of the painter's text encoder. */
import { CaptionTokenizer, captionTokenizer, emojiSplit, thingTokenizer } from '../../lib/data';
import { emojiClip } from '../../lib/models';
import { Clip } from '../../lib/models/clip';
import type { ConditionalUNetConfig } from '../../lib/models/conditional-unet';
import { loadPretrained } from '../../lib/models/pretrained';
import { CaptionEncoder, ThingNet } from '../../lib/models/thing-painter';
import { causalMask, type StateDict } from '../../lib/nn';
import { tf } from '../../lib/runtime';

/** Its words, in captions as long as the painter's. */
export function clipTokenizer(): CaptionTokenizer {
  const { train, recoloured } = emojiSplit();
  return new CaptionTokenizer(captionTokenizer([...train, ...recoloured]).words, thingTokenizer().context);
}

/** CLIP's text Transformer: the painter's text encoder, deeper, in which a token knows only those before it. */
class ClipWords extends CaptionEncoder {
  constructor(vocab: number) {
    super(emojiClip(vocab).text);
    const clip = new Clip(emojiClip(vocab));
    loadPretrained('emoji-clip', clip);
    const weights: StateDict = {};
    for (const [name, tensor] of Object.entries(clip.text_model.stateDict()))
      weights[name.replace('embeddings.', '')] = tensor;
    this.loadStateDict(weights);
    tf.dispose(weights);
    clip.dispose();
  }

  /**
   * ids: [B, T] int32 → [B, T, W]. Behind its end a caption is filled up with end tokens, as Stable Diffusion's are: each has seen all
   * of it, so that the mean, which the U-Net adds to the time, is mostly the vector of the whole text.
   */
  override forward(ids: tf.Tensor): tf.Tensor3D {
    const [B, T] = ids.shape as [number, number];
    const { vocab, width } = this.config;
    const filled = tf.where(tf.equal(ids, 0), tf.fill([B, T], vocab - 1, 'int32'), ids); //     [B, T]
    const positions = tf.slice(this.position_embedding.weight, [0, 0], [T, width]); //         [T, W]
    const x = this.token_embedding.forward(filled).add(positions); //                          [B, T, W]
    return this.final_layer_norm.forward(this.encoder.forward(x, causalMask(T))) as tf.Tensor3D;
  }
}

/** The same U-Net, drawn from the same numbers, behind CLIP's words. */
export class ClipThingNet extends ThingNet {
  override readonly text: CaptionEncoder;

  constructor(vocab: number, unet: ConditionalUNetConfig) {
    super(thingTokenizer(), unet); // draws the text encoder of the others first
    this.text = new ClipWords(vocab);
  }
}
