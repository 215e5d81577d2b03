"""Reference values for tests/models/diffusers.test.ts, from Hugging Face diffusers with small random weights.
Run: python tests/models/diffusers_reference.py   (pip install torch diffusers transformers safetensors)
Writes beside this file, for each model, NAME-reference.safetensors (the weights as diffusers saves them) and
NAME-expected.safetensors (inputs, outputs, and the gradient of every weight as grad.WEIGHT; pictures as [B, H, W, C])."""
import pathlib

import torch
from diffusers import AutoencoderKL
from safetensors.torch import save_file

here = pathlib.Path(__file__).parent


def jiggle(model):
    """Moves every weight away from its start, where norms are 1 and some layers 0."""
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.1 * torch.randn_like(p))
    return model.eval()


def nhwc(t):
    return t.permute(0, 2, 3, 1)


def save(name, model, loss, **values):
    loss.backward()
    weights = {k: v.detach().contiguous() for k, v in model.state_dict().items()}
    grads = {f'grad.{k}': p.grad for k, p in model.named_parameters()}
    save_file(weights, here / f'{name}-reference.safetensors')
    save_file({k: v.detach().contiguous() for k, v in {**values, **grads}.items()}, here / f'{name}-expected.safetensors')


def autoencoder():
    torch.manual_seed(0)
    model = jiggle(AutoencoderKL(
        in_channels=3, out_channels=3, down_block_types=['DownEncoderBlock2D'] * 2, up_block_types=['UpDecoderBlock2D'] * 2,
        block_out_channels=[8, 12], layers_per_block=1, latent_channels=2, norm_num_groups=4))
    x = torch.randn(2, 3, 8, 12)
    q = model.encode(x).latent_dist
    y = model.decode(q.mean).sample
    loss = torch.sin(y).sum() + torch.sin(q.logvar).sum()
    save('autoencoder-kl', model, loss, x=nhwc(x), mean=nhwc(q.mean), logVar=nhwc(q.logvar), y=nhwc(y))


autoencoder()
