"""Writes a folder with the shapes and names of Stable Diffusion 1.5, 16 bits a number, random weights (2.1 GB), to try the
full size without the real files: python tests/models/full_size_stable_diffusion.py FOLDER VOCABULARY
VOCABULARY is bpe_simple_vocab_16e6.txt.gz, which the PyPI package open-clip-torch holds.
(pip install torch diffusers transformers safetensors)"""
import gzip
import json
import pathlib
import sys

import torch
from diffusers import AutoencoderKL, DDIMScheduler, UNet2DConditionModel
from safetensors.torch import save_file
from stable_diffusion_letters import bytes_to_letters
from transformers import CLIPTextConfig, CLIPTextModel

folder, vocabulary = map(pathlib.Path, sys.argv[1:])


def save(model, part, file, prefix=''):
    """Random weights under the model's names; norms scale by 1, and each layer keeps about the variance of its input."""
    tensors = {}
    for name, p in model.named_parameters():
        fan_in = p[0].numel() if p.dim() > 1 else 1
        start = torch.ones if 'norm' in name and name.endswith('weight') else torch.zeros
        tensors[prefix + name] = (torch.randn(p.shape) * fan_in ** -0.5 if p.dim() > 1 else start(p.shape)).half()
    (folder / part).mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / part / file)
    print(part, f'{sum(t.numel() for t in tensors.values()):,}')


with torch.device('meta'):
    unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768)
    vae = AutoencoderKL(down_block_types=['DownEncoderBlock2D'] * 4, up_block_types=['UpDecoderBlock2D'] * 4,
                        block_out_channels=[128, 256, 512, 512], layers_per_block=2, sample_size=512)
    text = CLIPTextModel(CLIPTextConfig(hidden_size=768, intermediate_size=3072, num_attention_heads=12, projection_dim=768))
save(unet, 'unet', 'diffusion_pytorch_model.safetensors')
save(vae, 'vae', 'diffusion_pytorch_model.safetensors')
save(text, 'text_encoder', 'model.safetensors', 'text_model.')
unet.save_config(folder / 'unet')
vae.save_config(folder / 'vae')
(folder / 'text_encoder' / 'config.json').write_text(text.config.to_json_string(use_diff=False))
DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule='scaled_linear', steps_offset=1).save_config(folder / 'scheduler')

(folder / 'tokenizer').mkdir(exist_ok=True)
merges = gzip.open(vocabulary).read().decode().split('\n')[1:49152 - 256 - 2 + 1]
letters = bytes_to_letters()
tokens = [*letters, *(x + '</w>' for x in letters), *(m.replace(' ', '') for m in merges), '<|startoftext|>', '<|endoftext|>']
(folder / 'tokenizer' / 'vocab.json').write_text(json.dumps({token: i for i, token in enumerate(tokens)}, ensure_ascii=False))
(folder / 'tokenizer' / 'merges.txt').write_text('#version: 0.2\n' + '\n'.join(merges) + '\n')
