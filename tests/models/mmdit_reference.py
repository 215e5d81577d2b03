"""Reference values for tests/models/mmdit.test.ts, from Hugging Face diffusers 0.42 with small nets.
Run: python tests/models/mmdit_reference.py   (pip install torch diffusers safetensors)
Writes beside this file NAME-expected.safetensors: inputs, outputs and the gradient of every weight as grad.WEIGHT, in 16
bits; pictures as [B, H, W, C]. The weights are no file: both sides draw them from the same generator, name by name.
Prints the published sizes, counted on PyTorch's meta device, where weights have no memory."""
import pathlib

import torch
import torch.nn.functional as F
from diffusers import FluxTransformer2DModel, SD3Transformer2DModel
from safetensors.torch import save_file

here = pathlib.Path(__file__).parent
state = 1


def draw(shape):
    """Park and Miller's generator: x ← 16807·x mod 2³¹ − 1; uniform from −0.3 to 0.3."""
    global state
    values = torch.empty(shape).flatten()
    for i in range(values.numel()):
        state = 16807 * state % (2 ** 31 - 1)
        values[i] = 0.6 * (state / (2 ** 31 - 1)) - 0.3
    return values.reshape(shape)


def filled(model):
    global state
    state = 1
    with torch.no_grad():
        for name, p in sorted(model.named_parameters()):
            p.copy_(draw(p.shape) + (1 if '.norm_' in name and p.dim() == 1 and 'attn' in name else 0))
    return model.eval()


def nhwc(x):
    return x.permute(0, 2, 3, 1).detach().contiguous()


def save(name, model, y, **values):
    torch.sin(y).sum().backward()
    grads = {f'grad.{k}': p.grad.half().contiguous() for k, p in model.named_parameters()}
    save_file({**{k: v.detach().contiguous() for k, v in values.items()}, 'y': nhwc(y), **grads},
              here / f'{name}-expected.safetensors')


def sd3(name, **more):
    model = filled(SD3Transformer2DModel(
        sample_size=8, patch_size=2, in_channels=3, out_channels=3, num_layers=2, attention_head_dim=4, num_attention_heads=2,
        joint_attention_dim=6, caption_projection_dim=8, pooled_projection_dim=5, pos_embed_max_size=6, **more))
    x, t, text, pooled = draw((2, 3, 4, 8)), torch.tensor([0.04, 0.9]), draw((2, 5, 6)), draw((2, 5))
    y = model(x, text, pooled, t * 1000).sample
    save(name, model, y, x=nhwc(x), t=t, text=text, pooled=pooled)


def flux(name, guided):
    model = filled(FluxTransformer2DModel(
        in_channels=12, num_layers=1, num_single_layers=1, attention_head_dim=6, num_attention_heads=2, joint_attention_dim=5,
        pooled_projection_dim=4, guidance_embeds=guided, axes_dims_rope=(2, 2, 2)))
    x, t, text, pooled = draw((2, 3, 4, 6)), torch.tensor([0.04, 0.9]), draw((2, 3, 5)), draw((2, 4))
    guidance = torch.tensor([3.5, 1.0]) if guided else None
    rows, columns = 2, 3
    places = torch.tensor([[0., i // columns, i % columns] for i in range(rows * columns)])
    patches = F.pixel_unshuffle(x, 2).flatten(2).transpose(1, 2)  # [B, N, C·4], a channel's four pixels side by side
    y = model(patches, text, pooled, t, places, torch.zeros(3, 3), guidance).sample
    y = F.pixel_shuffle(y.transpose(1, 2).unflatten(2, (rows, columns)), 2)
    save(name, model, y, x=nhwc(x), t=t, text=text, pooled=pooled, **({'guidance': guidance} if guided else {}))


def sizes():
    own = dict(num_layers=24, num_attention_heads=24, caption_projection_dim=1536, pos_embed_max_size=192)
    large = dict(num_layers=38, num_attention_heads=38, caption_projection_dim=2432, pos_embed_max_size=192)
    half = {**own, 'pos_embed_max_size': 384, 'dual_attention_layers': tuple(range(13)), 'qk_norm': 'rms_norm'}
    with torch.device('meta'):
        nets = {'SD3 medium': SD3Transformer2DModel(**own), 'SD3.5 medium': SD3Transformer2DModel(**half),
                'SD3.5 large': SD3Transformer2DModel(**large, qk_norm='rms_norm'),
                'FLUX.1 dev': FluxTransformer2DModel(guidance_embeds=True), 'FLUX.1 schnell': FluxTransformer2DModel()}
    for name, net in nets.items():
        print(f'{name}: {sum(p.numel() for p in net.parameters()):,}')


sd3('mmdit3')
sd3('mmdit35', qk_norm='rms_norm', dual_attention_layers=(0,))
flux('flux-dev', True)
sizes()
