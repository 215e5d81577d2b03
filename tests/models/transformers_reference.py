"""Reference values for tests/models/transformers.test.ts, from Hugging Face transformers with small random weights.
Run: python tests/models/transformers_reference.py   (writes gpt-reference.* and vit-reference.* beside this file; tests/packed.ts packs the .json)"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import GPT2Config, GPT2LMHeadModel, ViTConfig, ViTForImageClassification

here = pathlib.Path(__file__).parent
torch.manual_seed(0)


def pack(t):
    return {'shape': list(t.shape), 'data': [float(f'{v:.7g}') for v in t.detach().flatten().double().tolist()]}


def jiggle(model):
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.1 * torch.randn_like(p))
    return model.eval()


gpt = jiggle(GPT2LMHeadModel(GPT2Config(vocab_size=11, n_positions=8, n_embd=12, n_layer=2, n_head=3)))
ids = torch.tensor([[1, 5, 2, 7, 7], [0, 10, 3, 3, 4]])
out = gpt(ids[:, :-1])
loss = torch.nn.functional.cross_entropy(out.logits.reshape(-1, 11), ids[:, 1:].reshape(-1))
loss.backward()
named = {k: v for k, v in gpt.named_parameters()}
save_file({k: v.detach().contiguous() for k, v in named.items()}, here / 'gpt-reference.safetensors')
(here / 'gpt-reference.json').write_text(json.dumps({
    'ids': ids.tolist(), 'logits': pack(out.logits), 'loss': loss.item(), 'grads': {k: pack(v.grad) for k, v in named.items()}},
    separators=(',', ':')) + '\n')

vit = jiggle(ViTForImageClassification(ViTConfig(hidden_size=12, num_hidden_layers=2, num_attention_heads=3, intermediate_size=48,
                                                 image_size=8, patch_size=4, num_channels=3, num_labels=5, layer_norm_eps=1e-6)))
x = torch.randn(2, 3, 8, 8)
logits = vit(x).logits
torch.sin(logits).sum().backward()


def timm_names(get):
    """The same weights under timm's names; query, key and value become one matrix."""
    w = {k: get(v) for k, v in vit.named_parameters()}
    e = 'vit.embeddings.'
    out = {'cls_token': w[e + 'cls_token'], 'pos_embed': w[e + 'position_embeddings'], 'norm.weight': w['vit.layernorm.weight'],
           'norm.bias': w['vit.layernorm.bias'], 'head.weight': w['classifier.weight'], 'head.bias': w['classifier.bias']}
    for part in ('weight', 'bias'):
        out[f'patch_embed.proj.{part}'] = w[f'{e}patch_embeddings.projection.{part}']
        for i in range(2):
            old, new = f'vit.encoder.layer.{i}.', f'blocks.{i}.'
            out[f'{new}attn.qkv.{part}'] = torch.cat([w[f'{old}attention.attention.{n}.{part}'] for n in ('query', 'key', 'value')])
            for a, b in (('norm1', 'layernorm_before'), ('norm2', 'layernorm_after'), ('attn.proj', 'attention.output.dense'),
                         ('mlp.fc1', 'intermediate.dense'), ('mlp.fc2', 'output.dense')):
                out[f'{new}{a}.{part}'] = w[f'{old}{b}.{part}']
    return out


save_file({k: v.detach().contiguous() for k, v in timm_names(lambda p: p).items()}, here / 'vit-reference.safetensors')
(here / 'vit-reference.json').write_text(json.dumps({
    'x': pack(x.permute(0, 2, 3, 1)), 'logits': pack(logits), 'grads': {k: pack(v) for k, v in timm_names(lambda p: p.grad).items()}},
    separators=(',', ':')) + '\n')
