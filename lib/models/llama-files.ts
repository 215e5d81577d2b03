/**
 * Published nets of the Llama family from the files that they come in: a folder of Hugging Face (config.json, safetensors in
 * one or several files) or a GGUF file of llama.cpp. Settings are done field by field, or refused by name.
 */

import { type NdArray, type OpenGguf, openGguf, Settings } from '../formats';
import { garbageCollector, path } from '../platform';
import { handOver, shapesOnly, tf } from '../runtime';
import { Llama, type LlamaConfig, type RopeScaling } from './llama';
import { fillFromFolder } from './weight-files';

/**
 * @returns the sizes that config.json states, for model_type llama and qwen2
 * @example
 * // needs a model's folder of your own
 * llamaSettings(Settings.open('model/config.json')).layers
 */
export function llamaSettings(c: Settings): LlamaConfig {
  const qwen = c.oneOf('model_type', { llama: false, qwen2: true });
  const layers = c.layers('num_hidden_layers');
  c.must({ hidden_act: 'silu', attention_bias: false, mlp_bias: false, pretraining_tp: 1, rope_interleaved: false });
  c.must({ use_sliding_window: false, use_mrope: false, partial_rotary_factor: 1, quantization_config: null });
  c.must({ layer_types: Array(layers).fill('full_attention') });
  c.ignore('sliding_window', 'max_window_layers', 'is_llama_config'); // nothing slides, as was asked
  c.ignore('attention_dropout', 'initializer_range', 'use_cache', 'transformers.js_config'); // training, speed
  c.ignore('bos_token_id', 'eos_token_id', 'pad_token_id'); // of the tokenizer and of generation
  const heads = c.whole('num_attention_heads');
  const config = {
    vocab: c.whole('vocab_size'),
    context: c.whole('max_position_embeddings'),
    width: c.whole('hidden_size'),
    hidden: c.whole('intermediate_size'),
    layers,
    heads,
    keyHeads: c.whole('num_key_value_heads', heads),
    headWidth: c.value('head_dim') === undefined ? undefined : c.whole('head_dim'),
    ...ropeSettings(c),
    epsilon: c.number('rms_norm_eps', 1e-6),
    bias: qwen,
    tied: c.flag('tie_word_embeddings', false),
  };
  c.done();
  return config;
}

/** Transformers 5 keeps all of RoPE in one object; before, the base stood alone and the scaling had a field of its own. */
function ropeSettings(c: Settings): { theta: number; scaling?: RopeScaling } {
  const value = c.value('rope_parameters') ?? c.value('rope_scaling') ?? {};
  if (typeof value !== 'object')
    throw new Error(`${c.name}: rope_scaling is ${JSON.stringify(value)}, expected an object`);
  const rope = new Settings(`${c.name}: rope`, value as Record<string, unknown>);
  const theta = rope.number('rope_theta', c.number('rope_theta', 10000));
  rope.must({ partial_rotary_factor: 1 });
  const kind = rope.value('rope_type') ?? rope.value('type') ?? 'default';
  rope.ignore('type');
  if (kind === 'default') {
    rope.done();
    return { theta };
  }
  if (kind !== 'llama3')
    throw new Error(`${rope.name}: rope_type is ${JSON.stringify(kind)}, expected default or llama3`);
  const scaling = {
    factor: rope.number('factor'),
    low: rope.number('low_freq_factor'),
    high: rope.number('high_freq_factor'),
    originalContext: rope.whole('original_max_position_embeddings'),
  };
  rope.done();
  return { theta, scaling };
}

/**
 * A folder as Hugging Face distributes it → the net with its weights.
 * @example
 * // needs a model's folder of your own
 * readLlamaFolder('model').parameterCount()
 */
export function readLlamaFolder(folder: string): Llama {
  const net = build(llamaSettings(Settings.open(path.join(folder, 'config.json'))));
  const none = (name: string) => /rotary_emb\.inv_freq$/.test(name) || (net.config.tied && name === 'lm_head.weight');
  return fillFromFolder(net, folder, ['model'], name => (none(name) ? '' : name));
}

const build = (config: LlamaConfig): Llama => shapesOnly(() => new Llama(config));

/** llama.cpp's names of a block's parts → transformers'. */
const PARTS: Record<string, string> = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};
const WHOLE: Record<string, string> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
};

/** 'blk.0.attn_q.weight' → 'model.layers.0.self_attn.q_proj.weight'; names that are unknown stay, and are refused later. */
function torchName(name: string): string {
  const [, layer, part, kind] = /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(name) ?? [];
  if (part && Object.hasOwn(PARTS, part)) return `model.layers.${layer}.${PARTS[part]}.${kind}`;
  return Object.hasOwn(WHOLE, name) ? WHOLE[name] : name;
}

/**
 * @returns the sizes that a GGUF file's metadata states, for the architectures llama and qwen2
 * @example
 * // needs a GGUF file of your own
 * ggufSettings(openGguf('model.gguf'), 'model.gguf').layers
 */
export function ggufSettings({ metadata, shapes }: OpenGguf, name: string): LlamaConfig {
  const arch = String(metadata['general.architecture'] ?? 'missing');
  if (arch !== 'llama' && arch !== 'qwen2')
    throw new Error(`${name}: general.architecture is ${arch}, expected llama or qwen2`);
  const own = Object.entries(metadata).filter(([key]) => key.startsWith(`${arch}.`));
  const c = new Settings(name, Object.fromEntries(own));
  const [width, heads] = [c.whole(`${arch}.embedding_length`), c.whole(`${arch}.attention.head_count`)];
  const headWidth = c.whole(`${arch}.attention.key_length`, width / heads);
  const vocab = shapes['token_embd.weight']?.[0];
  if (!vocab) throw new Error(`${name}: no tensor token_embd.weight, without which the net can't be built`);
  c.must({ [`${arch}.vocab_size`]: vocab, [`${arch}.rope.dimension_count`]: headWidth });
  c.must({ [`${arch}.attention.value_length`]: headWidth, [`${arch}.rope.scaling.type`]: 'none' });
  const config = {
    vocab,
    context: c.whole(`${arch}.context_length`),
    width,
    hidden: c.whole(`${arch}.feed_forward_length`),
    layers: c.layers(`${arch}.block_count`),
    heads,
    keyHeads: c.whole(`${arch}.attention.head_count_kv`, heads),
    headWidth,
    theta: c.number(`${arch}.rope.freq_base`, 10000),
    epsilon: c.number(`${arch}.attention.layer_norm_rms_epsilon`),
    bias: arch === 'qwen2',
    tied: !('output.weight' in shapes),
  };
  c.done();
  return config;
}

/**
 * A GGUF file → the net with its weights, made float32, and what else the file says.
 * @example
 * // needs a GGUF file of your own
 * readLlamaGguf('model.gguf').net.parameterCount()
 */
export function readLlamaGguf(file: string): { net: Llama; metadata: OpenGguf['metadata'] } {
  const gguf = openGguf(file);
  try {
    const net = build(ggufSettings(gguf, file));
    const source = new Map(Object.keys(gguf.shapes).map(name => [torchName(name), name]));
    const shapes = Object.fromEntries([...source].map(([ours, theirs]) => [ours, gguf.shapes[theirs]]));
    const turned = gguf.metadata['general.architecture'] === 'llama';
    try {
      net.fill(shapes, name => weight(gguf.read(source.get(name)!), turned ? headsOf(name, net.config) : 0));
    } catch (error) {
      net.dispose();
      throw new Error(`${file}: ${(error as Error).message}`);
    }
    return { net, metadata: gguf.metadata };
  } finally {
    gguf.close();
    garbageCollector()(); // the largest tensor's 113 MB in JavaScript would wait for a collector that may come late
  }
}

/** Heads of the rows that llama.cpp keeps in another order: those of queries and keys. */
function headsOf(name: string, { heads, keyHeads }: LlamaConfig): number {
  if (name.includes('.q_proj.')) return heads;
  return name.includes('.k_proj.') ? keyHeads : 0;
}

/** llama.cpp turns neighbours (2i, 2i + 1) where transformers turns (i, i + D/2), so it keeps a head's rows in that order. */
function weight(array: NdArray, heads: number): tf.Tensor {
  const { shape } = array;
  const data = array.data as Float32Array; // nobody else's: it need not be copied
  if (heads === 0) return handOver(tf.tensor(data, shape));
  return tf.tidy(() => {
    const rows = tf.tensor(data, [heads, shape[0] / heads / 2, 2, shape[1] ?? 1]); // [H, D/2, 2, in]
    return handOver(rows.transpose([0, 2, 1, 3]).reshape(shape));
  });
}
