/**
 * LoRA (Hu et al. 2021): fine-tuning that leaves a net's weights alone. Beside each chosen layer y = W x stand two thin
 * ones, y = W x + (α/r)·B A x: A squeezes the input into r numbers, B spreads them out again. Only A and B are trained.
 * B starts at zero, so at the start nothing changes; afterwards B A can be added to W, and costs nothing more.
 * @see notebooks/15-lora.ipynb
 */
import { tf } from '../runtime';
import { kaimingUniform, variable } from './init';
import { Conv2d, Embedding, Layer, Linear } from './layers';
import { Module, type StateDict } from './module';
import { readTensors, writeTensors } from './weights';

export interface LoraOptions {
  /** r: how many numbers pass through each adapter. */
  rank: number;
  /** α: what the adapter adds is multiplied by α/r, so that r can change without a new learning rate. Default r. */
  alpha?: number;
  /** Which layers, by name: `/attn\d\.to_[qkv]$/`. Linear ones and 1 × 1 convolutions can have an adapter. */
  layers: RegExp;
  /** Of layers that do several jobs side by side, as GPT-2's `c_attn` makes queries, keys and values: those that adapt. */
  parts?: { of: number; chosen: number[] };
}

/**
 * @example
 * const net = new Sequential(new Linear(4, 4));
 * new Lora(net, { rank: 2, layers: /0/ }).parameterCount() // → 16
 */
export class Lora extends Module {
  readonly adapters: Adapter[];
  private merged = false;
  private disposed = false;

  /** Puts an adapter beside each layer of `module` whose name fits. Train `lora.parameters()`, nothing else. */
  constructor(module: Module, options: LoraOptions) {
    super();
    const { rank, alpha = rank, layers, parts = { of: 1, chosen: [0] } } = options;
    if (!(Number.isInteger(rank) && rank > 0)) throw new Error(`rank must be 1, 2, 3 …, got ${rank}`);
    if (!Number.isFinite(alpha)) throw new Error(`alpha must be a number, got ${alpha}; without it, it is the rank`);
    const strange = parts.chosen.find(part => !Number.isInteger(part) || part < 0 || part >= parts.of);
    if (strange !== undefined)
      throw new Error(`parts.chosen must be whole numbers from 0 to ${parts.of - 1}, got ${strange}`);
    const names = module.namedModules();
    const fits = new RegExp(layers.source, layers.flags.replace(/[gy]/g, '')); // with these two, test() remembers its last place
    const fitting = names.filter((entry): entry is [string, Layer] => fits.test(entry[0]) && entry[1] instanceof Layer);
    if (fitting.length === 0) {
      const some = names.filter(([, each]) => each instanceof Linear).slice(0, 5);
      throw new Error(
        `no layer fits ${layers}; ${module.constructor.name} has ${some.map(([name]) => name).join(', ')} …`,
      );
    }
    this.adapters = fitting.flatMap(([name, layer]) =>
      parts.chosen.map(part => new Adapter(name, layer, { ...options, part, of: parts.of })),
    );
  }

  /** Adds B A to the weights: the same answers in less time. The adapters rest until `unmerge`. */
  merge(): void {
    this.mustLive();
    for (const adapter of this.adapters) adapter.merge();
    this.merged = true;
    this.switchOn(false);
  }

  /** Gives the weights back as they were before `merge`, to the last bit, whatever was merged beside them meanwhile. */
  unmerge(): void {
    this.mustLive();
    for (const adapter of this.adapters) adapter.unmerge();
    this.merged = false;
    this.switchOn(true);
  }

  /** Frees A and B. What is merged stays in the weights; otherwise the net answers without adapters from now on. */
  override dispose(): void {
    this.switchOn(false);
    this.disposed = true;
    super.dispose();
  }

  private mustLive(): void {
    if (this.disposed) throw new Error('these adapters were disposed; make new ones, new Lora(module, options)');
  }

  /** false: the net answers as if there were no adapters. */
  switchOn(on: boolean): void {
    for (const adapter of this.adapters) adapter.on = on;
  }

  /**
   * Writes the adapters under the names that Stable Diffusion's tools read (those of kohya-ss/sd-scripts):
   * PREFIX_layer_name_with_underscores.lora_down.weight, .lora_up.weight and .alpha. `prefix` says which net is meant:
   * 'lora_unet' or 'lora_te' (the text encoder).
   */
  save(path: string, prefix = 'lora_unet', metadata: Record<string, string> = {}): void {
    this.mustLive();
    tf.tidy(() => {
      const named = this.adapters.flatMap(adapter =>
        Object.entries(adapter.toFile()).map(([part, tensor]) => [`${adapter.key(prefix)}.${part}`, tensor]),
      );
      writeTensors(path, Object.fromEntries(named) as StateDict, metadata);
    });
  }

  /**
   * Reads what `save` or kohya's tools wrote; merged adapters are merged again with the new numbers. A file without
   * alpha means α = r, as it does there. What lies under another prefix belongs to another net.
   * @throws Error where an adapter is missing, of another shape, or has no layer here; nothing has changed then
   */
  load(path: string, prefix = 'lora_unet'): Record<string, string> {
    this.mustLive();
    const { tensors, metadata } = readTensors(path);
    try {
      const parts = this.adapters.map(adapter => adapter.partsIn(tensors, adapter.key(prefix), path));
      const taken = new Set(parts.flatMap(({ names }) => names));
      const strange = Object.keys(tensors).filter(name => name.startsWith(`${prefix}_`) && !taken.has(name));
      if (strange.length > 0) {
        const some = strange.slice(0, 5).join(', ');
        throw new Error(`${path} adapts more than the chosen layers: ${some}${strange.length > 5 ? ' …' : ''}`);
      }
      const { merged } = this;
      if (merged) this.unmerge();
      for (const [i, adapter] of this.adapters.entries()) adapter.fromFile(parts[i]);
      if (merged) this.merge();
    } finally {
      tf.dispose(tensors);
    }
    return metadata;
  }
}

/** What a file holds for one adapter. */
interface FileParts {
  names: string[];
  down: tf.Tensor;
  up: tf.Tensor;
  /** undefined: α = r. */
  alpha?: tf.Tensor;
}

/** Weights to which adapters were added: how they were before, and by which. */
const MERGED = new WeakMap<tf.Variable, { base: tf.Tensor; by: Set<Adapter> }>();

interface AdapterOptions extends LoraOptions {
  part: number;
  of: number;
}

/** One layer's A and B, here A [r, in] and B [part of out, r]. */
class Adapter extends Module {
  readonly lora_down: tf.Variable;
  readonly lora_up: tf.Variable;
  on = true;
  private scale: number;
  /** Not a field like any other: its weights are not the adapter's. */
  readonly #layer: Layer;

  constructor(
    readonly name: string,
    layer: Layer,
    private readonly options: AdapterOptions,
  ) {
    super();
    this.#layer = layer;
    const { rank, alpha = rank, of } = options;
    const [inputs, outputs] = sizes(name, layer);
    if (outputs % of !== 0) throw new Error(`${name} has ${outputs} outputs, which do not fall into ${of} equal parts`);
    this.scale = alpha / rank;
    this.lora_down = variable(kaimingUniform([rank, inputs], inputs));
    this.lora_up = variable(tf.zeros([outputs / of, rank]));
    const plain = layer.forward;
    layer.forward = (x, training) => this.beside(plain.call(layer, x, training), x);
  }

  /** y = W x → y + (α/r)·B A x, along the last axis. y: [..., out], x: [..., in] → [..., out]. */
  private beside(y: tf.Tensor, x: tf.Tensor): tf.Tensor {
    if (!this.on) return y;
    const rows = x.reshape([-1, x.shape[x.rank - 1]]) as tf.Tensor2D; //                            [n, in]
    const squeezed = tf.matMul(rows, this.lora_down as tf.Tensor2D, false, true); //                [n, r]
    const added = tf.matMul(squeezed, this.lora_up as tf.Tensor2D, false, true).mul(this.scale); // [n, out/of]
    return y.add(this.inItsPlace(added as tf.Tensor2D, 1).reshape(y.shape));
  }

  /** Zeros on both sides of this part. [n, out/of] or, with axis 0, [out/of, n] → the same with out. */
  private inItsPlace(x: tf.Tensor2D, axis: 0 | 1): tf.Tensor2D {
    const { part, of } = this.options;
    if (of === 1) return x;
    const size = x.shape[axis];
    const sides: [number, number] = [part * size, (of - 1 - part) * size];
    return tf.pad(x, axis === 0 ? [sides, [0, 0]] : [[0, 0], sides]);
  }

  merge(): void {
    const weight = weightOf(this.#layer);
    const record = MERGED.get(weight) ?? { base: tf.keep(tf.clone(weight)), by: new Set<Adapter>() };
    MERGED.set(weight, record);
    record.by.add(this);
    this.rebuild();
  }

  unmerge(): void {
    const weight = weightOf(this.#layer);
    const record = MERGED.get(weight);
    if (!record?.by.delete(this)) return;
    this.rebuild();
    if (record.by.size > 0) return;
    MERGED.delete(weight);
    record.base.dispose();
  }

  /** W ← W₀ + Σ (α/r)·B A over all that are merged into it: from W₀ each time, so that nothing is left of those that went. */
  private rebuild(): void {
    const weight = weightOf(this.#layer);
    const { base, by } = MERGED.get(weight)!;
    tf.tidy(() =>
      weight.assign([...by].reduce((sum, adapter) => sum.add(adapter.product(weight.shape)), tf.clone(base))),
    );
  }

  /** (α/r)·B A in the layer's own layout. */
  private product(shape: number[]): tf.Tensor {
    const product = tf.matMul(this.lora_up as tf.Tensor2D, this.lora_down as tf.Tensor2D).mul(this.scale);
    const whole = this.inItsPlace(product as tf.Tensor2D, 0); //                                    [out, in]
    return this.#layer instanceof Linear ? whole : whole.transpose().reshape(shape); //              [1, 1, in, out]
  }

  /** lora_unet_down_blocks_0_attentions_0_…_to_q; parts of a layer are numbered behind it. */
  key(prefix: string): string {
    const { part, of } = this.options;
    return `${prefix}_${this.name.replaceAll('.', '_')}${of === 1 ? '' : `_${part}`}`;
  }

  toFile(): Record<string, tf.Tensor> {
    const kernel = this.#layer instanceof Linear ? [] : weightOf(this.#layer).rank === 4 ? [1, 1] : [];
    const [down, up] = [this.lora_down, this.lora_up].map(w => w.reshape([...w.shape, ...kernel]));
    const alpha = tf.scalar(this.scale * this.options.rank);
    return { 'lora_down.weight': down, 'lora_up.weight': up, alpha };
  }

  /** This adapter's tensors among those of a file. @throws Error where one is missing or of another shape */
  partsIn(tensors: StateDict, key: string, path: string): FileParts {
    const part = (name: string, own: tf.Variable): tf.Tensor => {
      const given = tensors[`${key}.${name}`];
      if (!given)
        throw new Error(`${path} has no ${key}.${name}; it begins with ${Object.keys(tensors).slice(0, 3).join(', ')}`);
      if (given.size !== own.size || given.shape[0] !== own.shape[0]) {
        throw new Error(
          `the adapter of ${this.name}: expected [${own.shape}], got [${given.shape}]; is the rank another?`,
        );
      }
      return given;
    };
    const [down, up] = [part('lora_down.weight', this.lora_down), part('lora_up.weight', this.lora_up)];
    const alpha = tensors[`${key}.alpha`];
    const names = [`${key}.lora_down.weight`, `${key}.lora_up.weight`, `${key}.alpha`];
    return { names, down, up, alpha };
  }

  fromFile({ down, up, alpha }: FileParts): void {
    tf.tidy(() => {
      this.lora_down.assign(down.reshape(this.lora_down.shape));
      this.lora_up.assign(up.reshape(this.lora_up.shape));
    });
    this.scale = alpha ? alpha.dataSync()[0] / this.options.rank : 1;
  }
}

const weightOf = (layer: Layer): tf.Variable => (layer as Layer & { weight: tf.Variable }).weight;

/** Numbers in and out of a layer; its weight is [out, in] in a Linear, else [in, out] or [1, 1, in, out]. */
function sizes(name: string, layer: Layer): [number, number] {
  const shape = weightOf(layer)?.shape;
  const matrix = shape?.length === 2 && !(layer instanceof Embedding); // an embedding picks rows: nothing flows through it
  const pointwise = layer instanceof Conv2d && layer.kernel === 1 && layer.stride === 1 && layer.padding === 0;
  if (!matrix && !pointwise) {
    const what = `${name} is a ${layer.constructor.name}${shape ? ` of [${shape}]` : ''}`;
    throw new Error(`${what}; only linear layers and 1 × 1 convolutions (stride 1) adapt`);
  }
  const [a, b] = shape.slice(-2);
  return layer instanceof Linear ? [b, a] : [a, b];
}
