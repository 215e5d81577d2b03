"""Reference values for tests/models/llama.test.ts: transformers' Llama and Qwen2 with small random weights, as folders and as GGUF.
Run: python tests/models/llama_reference.py   (torch 2.13.0+cpu, transformers 5.24.0, gguf 0.19.0: python -m venv .venv-bench, then
.venv-bench/bin/pip install torch==2.13.0+cpu transformers==5.24.0 gguf==0.19.0 accelerate safetensors==0.8.0; writes into fixtures/)"""
import json
import pathlib

import gguf
import numpy as np
import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

here = pathlib.Path(__file__).parent / 'fixtures'
torch.manual_seed(0)


def halves(model):
    """Weights that 16 bits hold exactly, so that the files are small and nothing is lost."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_((p + 0.3 * torch.randn_like(p)).half().float())
    return model.eval()


SMALL = dict(vocab_size=11, hidden_size=8, intermediate_size=12, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
             max_position_embeddings=64)
ids = torch.tensor([[1, 5, 2, 7, 7, 9], [0, 10, 3, 3, 4, 6]])


def write(name, model):
    out = model(ids[:, :-1])
    loss = torch.nn.functional.cross_entropy(out.logits.reshape(-1, out.logits.shape[-1]), ids[:, 1:].reshape(-1))
    loss.backward()
    folder = here / name
    folder.mkdir(exist_ok=True)
    values = {'ids': ids.int(), 'logits': out.logits, 'loss': loss}
    values |= {f'grad.{k}': p.grad.half() for k, p in model.named_parameters()}
    save_file({k: v.detach().contiguous() for k, v in values.items()}, folder / 'expected.safetensors')
    save_file({k: p.detach().half().contiguous() for k, p in model.named_parameters()}, folder / 'model.safetensors', {'format': 'pt'})
    model.config.to_json_file(folder / 'config.json')


scaled = {'rope_type': 'llama3', 'rope_theta': 100.0, 'factor': 8.0, 'low_freq_factor': 1.0, 'high_freq_factor': 4.0,
          'original_max_position_embeddings': 32}
write('tiny-llama', halves(LlamaForCausalLM(LlamaConfig(**SMALL, head_dim=4, tie_word_embeddings=True, rope_parameters=scaled, eos_token_id=10))))
write('tiny-qwen2', halves(Qwen2ForCausalLM(Qwen2Config(**(SMALL | {'hidden_size': 16}), tie_word_embeddings=False, bos_token_id=0, eos_token_id=10))))


def gguf_values():
    """One tensor of each type with what the gguf package makes of it."""
    writer = gguf.GGUFWriter(here / 'types.gguf', 'test')
    writer.add_uint8('a.byte', 200)
    writer.add_int32('a.whole', -7)
    writer.add_float32('a.float', 0.5)
    writer.add_bool('a.flag', True)
    writer.add_string('a.text', 'Größe 月')
    writer.add_array('a.list', [1, 2, 3])
    writer.add_array('a.words', ['one', 'two'])
    rng, expected = np.random.default_rng(0), {}
    for name in ('F32', 'F16', 'BF16', 'Q8_0', 'Q4_0', 'Q4_1', 'Q6_K'):
        kind = gguf.GGMLQuantizationType[name]
        values = rng.normal(size=(1, 256)).astype(np.float32)
        if name == 'Q6_K':  # the package only reads these: any bytes with a sound scale
            packed = rng.integers(0, 256, size=(1, 210), dtype=np.uint8)
            packed[:, 208:] = np.array([[-0.02]], np.float16).view(np.uint8)
        else:
            packed = gguf.quantize(values, kind)
        writer.add_tensor(name, packed, raw_dtype=None if name in ('F32', 'F16') else kind)
        expected[name] = torch.tensor(gguf.dequantize(packed, kind).copy() if name != 'F16' else packed.astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file({k: v.half() if (v.half().float() == v).all() else v for k, v in expected.items()}, here / 'types-expected.safetensors')


def gguf_model():
    """A Llama as llama.cpp keeps it: rows of q and k in another order, a byte-level vocabulary, quantised; and what transformers answers."""
    size = dict(vocab_size=272, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2)
    model = halves(LlamaForCausalLM(LlamaConfig(**size, max_position_embeddings=512, tie_word_embeddings=True)))
    weights = {k: v.detach().numpy() for k, v in model.named_parameters()}
    file = here / 'tiny-llama.gguf'
    writer = gguf.GGUFWriter(file, 'llama')
    writer.add_block_count(2), writer.add_context_length(512), writer.add_embedding_length(32), writer.add_feed_forward_length(64)
    writer.add_head_count(4), writer.add_head_count_kv(2), writer.add_rope_freq_base(10000.0), writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(8), writer.add_vocab_size(272)
    letters = [chr(b) if 32 < b < 127 or 160 < b < 256 and b != 173 else None for b in range(256)]
    strange = iter(range(256, 512))
    letters = [c or chr(next(strange)) for c in letters]
    pairs = ['Ġ t', 'h e', 'i n', 'Ġ a', 'r e', 'o n', 'Ġt he', 'e r', 'a t', 'o u', 'i s', 'e n', 'Ġ w']
    words = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', *letters, *(p.replace(' ', '') for p in pairs)]
    writer.add_tokenizer_model('gpt2'), writer.add_tokenizer_pre('smollm'), writer.add_token_list(words), writer.add_token_merges(pairs)
    writer.add_token_types([3, 3, 3] + [1] * (len(words) - 3))
    writer.add_bos_token_id(1), writer.add_eos_token_id(2), writer.add_add_bos_token(False)
    writer.add_chat_template("{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n'}}{% endfor %}"
                             "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
    parts = {'input_layernorm': 'attn_norm', 'post_attention_layernorm': 'ffn_norm', 'self_attn.q_proj': 'attn_q', 'self_attn.k_proj': 'attn_k',
             'self_attn.v_proj': 'attn_v', 'self_attn.o_proj': 'attn_output', 'mlp.gate_proj': 'ffn_gate', 'mlp.up_proj': 'ffn_up', 'mlp.down_proj': 'ffn_down'}
    for name, value in weights.items():
        kind, new = gguf.GGMLQuantizationType.Q4_1, {'model.embed_tokens.weight': 'token_embd.weight', 'model.norm.weight': 'output_norm.weight'}.get(name)
        if new is None:
            layer, part = name.removeprefix('model.layers.').removesuffix('.weight').split('.', 1)
            new = f'blk.{layer}.{parts[part]}.weight'
        for part, heads in (('q_proj', 4), ('k_proj', 2)):
            if part in name:
                value = value.reshape(heads, 2, value.shape[0] // heads // 2, 32).swapaxes(1, 2).reshape(value.shape)
        if value.ndim == 1:
            writer.add_tensor(new, value)
            continue
        kind = gguf.GGMLQuantizationType.Q8_0 if 'embed' in name else kind
        writer.add_tensor(new, gguf.quantize(value, kind), raw_dtype=kind)
    writer.write_header_to_file(), writer.write_kv_data_to_file(), writer.write_tensors_to_file(), writer.close()
    again = AutoModelForCausalLM.from_pretrained(here, gguf_file=file.name, dtype=torch.float32).eval()
    prompt = torch.tensor([[1, 120, 5, 77, 200, 13, 2, 9]])
    with torch.no_grad():
        made = again.generate(prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=60, do_sample=False, eos_token_id=None, pad_token_id=2)
        logits = again(prompt).logits[0, -1]
    (here / 'tiny-llama-gguf.json').write_text(json.dumps({'prompt': prompt[0].tolist(), 'answer': made[0, 8:].tolist(),
                                                           'logits': [round(v, 5) for v in logits.tolist()]}) + '\n')


gguf_values()
gguf_model()
