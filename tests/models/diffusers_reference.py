"""Reference values for tests/models/diffusers.test.ts, from Hugging Face diffusers with small random weights.
Run: python tests/models/diffusers_reference.py   (pip install torch diffusers transformers safetensors)
Writes beside this file, for each model, NAME-reference.safetensors (the weights as diffusers saves them) and
NAME-expected.safetensors (inputs, outputs, and the gradient of every weight as grad.WEIGHT; pictures as [B, H, W, C])."""
import pathlib

import torch
from diffusers import AutoencoderKL, DiTTransformer2DModel, UNet2DConditionModel
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


def dit():
    """diffusers' DiT gives each block its own copy of the embedders; the paper's code has one, so they are shared here. It
    also spaces the time frequencies over 127 steps where the paper's code uses 128. Weights and gradients are saved under the
    names of the paper's code (facebookresearch/DiT), with query, key and value in one matrix."""
    torch.manual_seed(2)
    model = jiggle(DiTTransformer2DModel(num_attention_heads=2, attention_head_dim=8, in_channels=3, out_channels=6, num_layers=2,
                                         sample_size=4, patch_size=2, num_embeds_ada_norm=5, norm_eps=1e-6))
    embedders = model.transformer_blocks[0].norm1.emb
    embedders.time_proj.downscale_freq_shift = 0
    for block in model.transformer_blocks:
        block.norm1.emb = embedders
    x, t, y = torch.randn(3, 3, 4, 4), torch.tensor([0, 40, 999]), torch.tensor([4, 0, 5])
    out = model(x, t, y).sample
    torch.sin(out).sum().backward()

    def named(get):
        w = {k: get(p) for k, p in model.named_parameters()}
        first = 'transformer_blocks.0.norm1.emb.'
        result = {'y_embedder.embedding_table.weight': w[first + 'class_embedder.embedding_table.weight']}
        for part in ('weight', 'bias'):
            result[f'x_embedder.proj.{part}'] = w[f'pos_embed.proj.{part}']
            result[f'final_layer.adaLN_modulation.1.{part}'] = w[f'proj_out_1.{part}']
            result[f'final_layer.linear.{part}'] = w[f'proj_out_2.{part}']
            for i in (0, 1):
                result[f't_embedder.mlp.{2 * i}.{part}'] = w[f'{first}timestep_embedder.linear_{i + 1}.{part}']
                old, new = f'transformer_blocks.{i}.', f'blocks.{i}.'
                result[f'{new}attn.qkv.{part}'] = torch.cat([w[f'{old}attn1.to_{n}.{part}'] for n in 'qkv'])
                for a, b in (('attn.proj', 'attn1.to_out.0'), ('mlp.fc1', 'ff.net.0.proj'), ('mlp.fc2', 'ff.net.2'),
                             ('adaLN_modulation.1', 'norm1.linear')):
                    result[f'{new}{a}.{part}'] = w[f'{old}{b}.{part}']
        return result

    weights = {**named(lambda p: p), 'pos_embed': model.pos_embed.pos_embed}
    grads = {f'grad.{k}': v for k, v in named(lambda p: p.grad).items()}
    save_file({k: v.detach().float().contiguous() for k, v in weights.items()}, here / 'dit-reference.safetensors')
    values = {'x': nhwc(x), 't': t.int(), 'classes': y.int(), 'y': nhwc(out), **grads}
    save_file({k: v.detach().contiguous() for k, v in values.items()}, here / 'dit-expected.safetensors')


autoencoder()
conditional_unet()
dit()
