"""Reference values for tests/models/clip.test.ts, from Hugging Face transformers with small random weights.
Run: python tests/models/clip_reference.py   (writes clip-reference.json and clip-reference.safetensors beside this file; tests/packed.ts packs the .json)"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPModel

here = pathlib.Path(__file__).parent
torch.manual_seed(0)


def pack(t):
    return {'shape': list(t.shape), 'data': [float(f'{v:.7g}') for v in t.detach().flatten().double().tolist()]}


config = CLIPConfig(
    text_config={'vocab_size': 13, 'max_position_embeddings': 7, 'hidden_size': 12, 'intermediate_size': 48, 'num_hidden_layers': 2,
                 'num_attention_heads': 3, 'projection_dim': 10, 'eos_token_id': 12, 'bos_token_id': 11, 'pad_token_id': 0},
    vision_config={'image_size': 8, 'patch_size': 4, 'hidden_size': 16, 'intermediate_size': 64, 'num_hidden_layers': 2,
                   'num_attention_heads': 4, 'projection_dim': 10},
    projection_dim=10)
clip = CLIPModel(config)
with torch.no_grad():
    for p in clip.parameters():
        p.add_(0.1 * torch.randn_like(p))
clip.eval()

x = torch.randn(3, 3, 8, 8)
ids = torch.tensor([[11, 4, 2, 12, 0, 0, 0], [11, 7, 7, 1, 9, 12, 0], [11, 12, 0, 0, 0, 0, 0]])
out = clip(input_ids=ids, pixel_values=x, return_loss=True)
out.loss.backward()
named = dict(clip.named_parameters())
save_file({k: v.detach().contiguous() for k, v in named.items()}, here / 'clip-reference.safetensors')
(here / 'clip-reference.json').write_text(json.dumps({
    'x': pack(x.permute(0, 2, 3, 1)), 'ids': ids.tolist(), 'logits': pack(out.logits_per_image), 'images': pack(out.image_embeds),
    'texts': pack(out.text_embeds), 'sequence': pack(out.text_model_output.last_hidden_state), 'loss': out.loss.item(),
    'grads': {k: pack(v.grad) for k, v in named.items()}}, separators=(',', ':')) + '\n')
