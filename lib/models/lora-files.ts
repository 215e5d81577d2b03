/**
 * LoRA files as the web interfaces and diffusers write them, added to a painter's weights: W ← W + w·(α/r)·B A (Hu et al. 2021,
 * section 4.1). Layers of convolution adapt as well: A is then a convolution with r channels, B one of 1 × 1.
 * @see notebooks/15-lora.ipynb
 */
import { type OpenSafetensors, openSafetensors, Settings, toTensor } from '../formats';
import { sizeOf } from '../formats/dtypes';
import { Conv2d, Linear, type Module } from '../nn';
import { fs, path } from '../platform';
import { tf } from '../runtime';
import { ConditionalUNet } from './conditional-unet';
import { fromOriginal, type Translator } from './original-names';
import { largest } from './weight-files';

/** A painter's nets, under the names that diffusers gives them. */
export type LoraTargets = Partial<Record<'unet' | 'transformer' | 'text_encoder' | 'text_encoder_2', Module>>;

/** What a file has for one layer: the names of its tensors. */
interface Adapter {
  layer: string;
  down?: string;
  up?: string;
  alpha?: string;
}

/** How a file's names begin → whose layer follows. */
const NETS: Record<string, keyof LoraTargets> = {
  lora_unet_: 'unet',
  lora_te_: 'text_encoder',
  lora_te1_: 'text_encoder',
  lora_te2_: 'text_encoder_2',
  'unet.': 'unet',
  'transformer.': 'transformer',
  'text_encoder.': 'text_encoder',
  'text_encoder_2.': 'text_encoder_2',
};

/**
 * Where a name ends → which of the two matrices it is: kohya's, PEFT's, and those of diffusers before it used PEFT.
 */
const ENDINGS: [RegExp, 'down' | 'up' | 'alpha'][] = [
  [/\.(?:lora_down|lora_A(?:\.default)?|lora\.down|lora_linear_layer\.down)\.weight$|_lora\.down\.weight$/, 'down'],
  [/\.(?:lora_up|lora_B(?:\.default)?|lora\.up|lora_linear_layer\.up)\.weight$|_lora\.up\.weight$/, 'up'],
  [/\.alpha$/, 'alpha'],
];

/** PEFT's own files say nothing of the net. */
const PEFT = 'base_model.model.';

/**
 * Adds what a LoRA file holds to the weights of the nets. Names are kohya's (`lora_unet_…_to_q.lora_down.weight`; for XL with the
 * original code's names of blocks), diffusers' with
 * PEFT (`unet.….to_q.lora_A.weight`; α in the file's metadata) or PEFT's own (α in adapter_config.json beside the file). Where
 * nobody says α, it is r.
 * @param weight how much of it: 0 nothing, 1 as it was trained
 * @returns how many layers it has changed
 * @throws Error that names the file and the tensor that has no layer here, another shape, or a form that is no LoRA; nothing has
 * changed then
 * @example
 * // needs the folder of Stable Diffusion 1.5 and a LoRA for it
 * addLora('style.safetensors', { unet: diffusion.unet, text_encoder: diffusion.text }, 0.8);
 */
export function addLora(file: string, nets: LoraTargets, weight = 1): number {
  const opened = openSafetensors(file);
  try {
    const layers = layersOf(nets);
    const original = nets.unet instanceof ConditionalUNet ? fromOriginal(nets.unet.config) : () => undefined;
    const adapters = adaptersIn(file, opened, layers, original);
    const told = alphas(file, opened);
    const checked = adapters.map(adapter => ({ adapter, layer: fitting(file, opened, adapter, layers) }));
    const scales = adapters.map(adapter => told(adapter, opened.shapes[adapter.down!][0]));
    for (const [i, adapter] of adapters.entries()) checkNumbers(file, opened, adapter, weight * scales[i]);
    checked.forEach(({ adapter, layer }, i) => {
      tf.tidy(() => {
        const [up, down] = [adapter.up!, adapter.down!].map(name => matrix(toTensor(opened.read(name))));
        layer.weight.assign(layer.weight.add(inLayout(tf.matMul(up, down), layer).mul(weight * scales[i])));
      });
    });
    return adapters.length;
  } finally {
    opened.close();
  }
}

type Adapted = Linear | Conv2d;

/** Layers by net and name, in which underscores stand for dots. */
function layersOf(nets: LoraTargets): Map<string, Adapted> {
  return new Map(
    Object.entries(nets).flatMap(([net, module]) =>
      module
        .namedModules()
        .filter((entry): entry is [string, Adapted] => entry[1] instanceof Linear || entry[1] instanceof Conv2d)
        .map(([name, layer]) => [`${net} ${flat(name)}`, layer] as const),
    ),
  );
}

const flat = (name: string): string => name.replaceAll('.', '_');

function adaptersIn(
  file: string,
  { shapes }: OpenSafetensors,
  layers: Map<string, Adapted>,
  original: Translator,
): Adapter[] {
  const adapters = new Map<string, Adapter>();
  for (const name of Object.keys(shapes)) {
    const [end, part] = ENDINGS.find(([end]) => end.test(name)) ?? [];
    if (!end || !part)
      throw new Error(`${file}: ${name} is no part of a LoRA (down, up, alpha); other adapters are not read here`);
    const layer = layerOf(name, end, layers, original);
    if (!layer)
      throw new Error(`${file}: ${name} adapts a layer that this model does not have; was it made for another model?`);
    const adapter = adapters.get(layer) ?? { layer };
    if (adapter[part]) throw new Error(`${file}: ${adapter[part]} and ${name} adapt the same layer`);
    adapter[part] = name;
    adapters.set(layer, adapter);
  }
  if (adapters.size === 0) throw new Error(`${file} holds no LoRA: there is no tensor in it`);
  return [...adapters.values()];
}

/** The layer's key among `layers`; undefined where there is none. */
function layerOf(name: string, end: RegExp, layers: Map<string, Adapted>, original: Translator): string | undefined {
  const old = /\.processor\.(to_(?:q|k|v|out))_lora\.(?:down|up)\.weight$/.exec(name);
  const whole = old
    ? name.slice(0, old.index) + (old[1] === 'to_out' ? '.to_out.0' : `.${old[1]}`)
    : name.replace(end, '');
  const [prefix, net] = Object.entries(NETS).find(([prefix]) => whole.startsWith(prefix)) ?? [];
  const rest = flat(whole.slice((prefix ?? PEFT).length));
  if (net)
    return [rest, `text_model_${rest}`, original(rest)].map(each => `${net} ${each}`).find(key => layers.has(key));
  if (!whole.startsWith(PEFT)) return undefined;
  const fits = [...layers.keys()].filter(key => key.endsWith(` ${rest}`) || key.endsWith(` text_model_${rest}`));
  return fits.length === 1 ? fits[0] : undefined;
}

/** The layer of an adapter whose two matrices are there and fit it. */
function fitting(file: string, { shapes }: OpenSafetensors, adapter: Adapter, layers: Map<string, Adapted>): Adapted {
  const { down, up, layer: key } = adapter;
  if (!down || !up) throw new Error(`${file} has ${down ?? up ?? adapter.alpha} without the other half of the adapter`);
  const layer = layers.get(key)!;
  const [outputs, ...inputs] = layer instanceof Linear ? layer.weight.shape : outFirst(layer);
  const [a, b] = [shapes[down], shapes[up]];
  const rank = a[0];
  if (rank === 0) throw new Error(`${file}: ${down} [${a}] has rank 0, which adapts nothing; the file is damaged`);
  const fits =
    same(a.slice(1), inputs) && b[1] === rank && same([b[0], ...b.slice(2)], [outputs]) && a.length > 1 && b.length > 1;
  if (!fits)
    throw new Error(
      `${file}: ${down} [${a}] and ${up} [${b}] don't fit the layer, which is [${[outputs, ...inputs]}]; was it made for another model?`,
    );
  return layer;
}

/** What weights may become: beyond it float32 has ∞, and a picture is black all over. */
const LARGEST = 2 ** 127;

/** @throws Error where an adapter holds NaN or ∞, or numbers whose product could be ∞ */
function checkNumbers(file: string, opened: OpenSafetensors, { down, up }: Adapter, scale: number): void {
  const [a, b] = [up!, down!].map(name => largest(`${file}: ${name}`, opened.read(name)));
  if (!(Math.abs(scale) * a * b * opened.shapes[down!][0] < LARGEST))
    throw new Error(
      `${file}: ${up} and ${down} reach ${a} and ${b}, and are counted ${scale} times: too large for a weight`,
    );
}

/** Whether two shapes are one but for 1 × 1 at their ends, which some programs write for layers that are not convolutions. */
const same = (a: readonly number[], b: readonly number[]): boolean => trimmed(a) === trimmed(b);
const trimmed = (shape: readonly number[]): string => `,${shape}`.replace(/(?:,1)+$/, '');

/** [kh, kw, in, out] → [out, in, kh, kw]. */
function outFirst(layer: Conv2d): number[] {
  const [h, w, inputs, outputs] = layer.weight.shape;
  return [outputs, inputs, h, w];
}

/** [r, in, kh, kw] or [r, in] → [r, all the rest]. */
const matrix = (x: tf.Tensor): tf.Tensor2D => x.toFloat().reshape([x.shape[0], -1]) as tf.Tensor2D;

/** [out, in · kh · kw] → how the layer keeps its weight. */
function inLayout(product: tf.Tensor, layer: Adapted): tf.Tensor {
  if (layer instanceof Linear) return product;
  return product.reshape(outFirst(layer)).transpose([2, 3, 1, 0]);
}

/** What B A is multiplied by, α/r or, in rank-stabilised LoRA (Kalajdzievski 2023, eq. 4), α/√r. */
type Scale = (adapter: Adapter, rank: number) => number;

function alphas(file: string, opened: OpenSafetensors): Scale {
  const told = toldOutside(file, opened);
  return ({ layer, alpha, down }, rank) => {
    if (alpha) {
      if (sizeOf(opened.shapes[alpha]) !== 1)
        throw new Error(`${file}: ${alpha} is [${opened.shapes[alpha]}], expected one number`);
      const value = tf.tidy(() => toTensor(opened.read(alpha)).dataSync()[0]);
      if (!Number.isFinite(value)) throw new Error(`${file}: ${alpha} is ${value}, expected a number`);
      return value / rank;
    }
    const settings = told(down!.startsWith(PEFT) ? '' : `${layer.split(' ')[0]}.`);
    return settings ? settings(down!, rank) : 1;
  };
}

type Told = ((name: string, rank: number) => number) | undefined;

/** PEFT's settings where the file's metadata or adapter_config.json beside it hold them, by the net's prefix. */
function toldOutside(file: string, { metadata }: OpenSafetensors): (net: string) => Told {
  const beside = path.join(path.dirname(file), 'adapter_config.json');
  const inside = metadata.lora_adapter_metadata;
  return net => {
    if (net === '') return fs.existsSync(beside) ? scaled(Settings.open(beside), '') : undefined;
    return inside === undefined ? undefined : scaled(new Settings(file, parsed(file, inside)), net);
  };
}

function parsed(file: string, text: string): Record<string, unknown> {
  try {
    const values: unknown = JSON.parse(text);
    if (typeof values === 'object' && values !== null && !Array.isArray(values))
      return values as Record<string, unknown>;
  } catch {
    // said below, as of any other value that is no object
  }
  throw new Error(`${file}: lora_adapter_metadata is no JSON object`);
}

function scaled(c: Settings, net: string): Told {
  if (c.value(`${net}lora_alpha`) === undefined) return undefined;
  c.must({ [`${net}use_dora`]: false, [`${net}lora_bias`]: false });
  const [alpha, stable] = [c.number(`${net}lora_alpha`), c.flag(`${net}use_rslora`, false)];
  const own = patternsOf(c, `${net}alpha_pattern`);
  return (name, rank) => {
    const layer = name.replace(ENDINGS[0][0], '');
    const found = own.find(([pattern]) => pattern.test(layer))?.[1] ?? alpha;
    return found / (stable ? Math.sqrt(rank) : rank);
  };
}

/** A pattern with more signs that repeat, or a group that repeats, can take longer than anybody waits (names have 100 letters). */
const SLOW = /\)[*+?{]|(?:[*+?{].*){4}/s;

/** α of single layers, by the pattern that ends their names. */
function patternsOf(c: Settings, field: string): [RegExp, number][] {
  const given = c.value(field) ?? {};
  if (typeof given !== 'object' || Array.isArray(given))
    throw new Error(`${c.name}: ${field} is ${JSON.stringify(given)}, expected an object of patterns and numbers`);
  return Object.entries(given).map(([pattern, alpha]) => {
    if (typeof alpha !== 'number') throw new Error(`${c.name}: ${field} must hold numbers, got ${alpha}`);
    if (SLOW.test(pattern))
      throw new Error(
        `${c.name}: ${field}: the pattern ${pattern} repeats too much to be tried; write it more plainly`,
      );
    try {
      return [new RegExp(`(?:^|\\.)(?:${pattern})$`), alpha];
    } catch (error) {
      throw new Error(`${c.name}: ${field}: ${(error as Error).message}`);
    }
  });
}
