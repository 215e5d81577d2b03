"""Reference values for tests/models/diffusers.test.ts, from Hugging Face diffusers with small random weights.
Run: python tests/models/diffusers_reference.py   (pip install torch diffusers transformers safetensors)
Writes beside this file, for each model, NAME-reference.safetensors (the weights as diffusers saves them) and
NAME-expected.safetensors (inputs, outputs, and the gradient of every weight as grad.WEIGHT; pictures as [B, H, W, C])."""
import pathlib

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
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


def conditional_unet():
    torch.manual_seed(1)
    model = jiggle(UNet2DConditionModel(
        in_channels=3, out_channels=3, block_out_channels=[8, 12], layers_per_block=1, norm_num_groups=4, attention_head_dim=2,
        cross_attention_dim=6, down_block_types=['CrossAttnDownBlock2D', 'DownBlock2D'], up_block_types=['UpBlock2D', 'CrossAttnUpBlock2D']))
    x, t, words = torch.randn(2, 3, 4, 8), torch.tensor([7, 801]), torch.randn(2, 5, 6)
    mask = torch.tensor([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])
    y = model(x, t, words).sample
    masked = model(x, t, words, encoder_attention_mask=mask).sample
    save('conditional-unet', model, torch.sin(masked).sum(),
         x=nhwc(x), t=t.int(), words=words, mask=mask.int(), y=nhwc(y), masked=nhwc(masked))


autoencoder()
conditional_unet()
