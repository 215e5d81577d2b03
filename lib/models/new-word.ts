/**
 * Textual inversion (Gal et al. 2022, section 3): a finished text-to-image model learns a new word. The text encoder's table of
 * vectors gets one more row; that row is trained, alone or together with LoRA's adapters, everything else is frozen. A prompt
 * without the word never reads the row, so it is painted as before, to the last bit.
 * @see notebooks/15-lora.ipynb
 */
import type { CaptionTokenizer } from '../data';
import { type Embedding, Module, readTensors, writeTensors } from '../nn';
import { variable } from '../nn/init';
import { tf } from '../runtime';
import type { ThingPainter } from './thing-painter';

/** The name that the tools of Stable Diffusion read (kohya-ss/sd-scripts, train_textual_inversion). */
const KEY = 'emb_params';

/**
 * Train `word.parameters()`, nothing else.
 * @example
 * // needs the painter's weights, which come with the course's text-to-image lesson
 * const word = new NewWord(ThingPainter.load(), 'porcelain');
 */
export class NewWord extends Module {
  /** The word's vector, [1, W]. */
  readonly row: tf.Variable;
  /** Its number in the tokenizer. */
  readonly number: number;

  /**
   * @param painter whoever has a tokenizer and a text encoder's table; its prompts may hold the word from now on
   * @param word what no caption had
   * @param like known words to start from: the new row is the mean of theirs; without any, of all rows
   * @throws Error where the word is known, or one of `like` is not
   */
  constructor(
    painter: Pick<ThingPainter, 'tokenizer'> & { net: { text: { token_embedding: Embedding } } },
    readonly word: string,
    like: readonly string[] = [],
  ) {
    super();
    const { tokenizer } = painter;
    const embedding = painter.net.text.token_embedding;
    const numbers = like.map(known => numberOf(tokenizer, known));
    this.number = tokenizer.learn(word);
    this.row = variable(
      tf.tidy(() => (numbers.length ? tf.gather(embedding.weight, numbers) : embedding.weight).mean(0, true)), // [1, W]
    );
    const plain = embedding.forward;
    embedding.forward = ids => this.among(ids, known => plain.call(embedding, known));
  }

  /** Rows of `plain`, and this word's where its number stands. ids: [B, T] → [B, T, W]. */
  private among(ids: tf.Tensor, plain: (ids: tf.Tensor) => tf.Tensor): tf.Tensor {
    const own = tf.equal(ids, tf.scalar(this.number, 'int32')); //    [B, T]
    const others = tf.where(own, tf.zerosLike(ids), ids); //          [B, T], 0 in the word's places
    const share = own.toFloat().expandDims(-1); //                    [B, T, 1], 1 in the word's places
    return plain(others).mul(tf.sub(1, share)).add(this.row.mul(share)); // [B, T, W]
  }

  /** Writes the row as [1, W] under the name that Stable Diffusion's tools read, with the word beside it. */
  save(path: string, metadata: Record<string, string> = {}): void {
    writeTensors(path, { [KEY]: this.row }, { ...metadata, word: this.word });
  }

  /**
   * Reads what `save` wrote.
   * @throws Error where the file holds another word, or a vector of another width; nothing has changed then
   */
  load(path: string): Record<string, string> {
    const { tensors, metadata } = readTensors(path);
    try {
      const given = tensors[KEY];
      if (String(given?.shape) !== String(this.row.shape))
        throw new Error(
          `${path}: expected ${KEY} [${this.row.shape}], got [${given?.shape ?? 'nothing'}]; is it of another model?`,
        );
      if (metadata.word !== this.word)
        throw new Error(`${path} holds the word '${metadata.word}', not '${this.word}'; make a NewWord of that name`);
      this.row.assign(given);
    } finally {
      tf.dispose(tensors);
    }
    return metadata;
  }
}

function numberOf(tokenizer: CaptionTokenizer, word: string): number {
  const unknown = tokenizer.unknown(word);
  if (unknown.length > 0) throw new Error(`no caption had '${unknown[0]}'; start from words that are known`);
  return tokenizer.ids(word)[1]; // behind the start token
}
