"""Reference values for tests/models/controlnet.test.ts, from Hugging Face diffusers 0.42 with small nets.
Run: python tests/models/controlnet_reference.py   (pip install torch diffusers safetensors)
Writes controlnet-expected.safetensors beside this file: inputs, what ControlNet adds, what the U-Net answers with it, and of every
weight's gradient its sum and its norm, in the order of the names; pictures as [B, H, W, C]. The weights are no file: both sides
draw them from the same generator, name by name. Prints the size of Stable Diffusion 1.5's, counted where weights have no memory."""
import pathlib

import torch
from diffusers import ControlNetModel, UNet2DConditionModel
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
            norm = name.endswith('.weight') and 'norm' in name.split('.')[-2]
            p.copy_(draw(p.shape) + (1 if norm else 0))
    return model.eval()


def nhwc(x):
    return x.permute(0, 2, 3, 1).detach().contiguous()


own = dict(in_channels=3, block_out_channels=[8, 12], layers_per_block=1, norm_num_groups=4, attention_head_dim=2,
           cross_attention_dim=6, down_block_types=['CrossAttnDownBlock2D', 'DownBlock2D'])
unet = filled(UNet2DConditionModel(**own, out_channels=3, up_block_types=['UpBlock2D', 'CrossAttnUpBlock2D']))
control = filled(ControlNetModel(**own, conditioning_channels=1, conditioning_embedding_out_channels=(4, 6)))
x, t, words, hint = draw((1, 3, 4, 4)), torch.tensor([801]), draw((1, 5, 6)), draw((1, 1, 8, 8))
skips, mid = control(x, t, words, hint, return_dict=False)
y = unet(x, t, words, down_block_additional_residuals=skips, mid_block_additional_residual=mid).sample
torch.sin(y).sum().backward()
grads = torch.stack([torch.stack([p.grad.sum(), p.grad.norm()]) for _, p in sorted(control.named_parameters())])
added = {f'skip.{i}': nhwc(skip) for i, skip in enumerate(skips)}
save_file({'x': nhwc(x), 't': t.int(), 'words': words, 'hint': nhwc(hint), 'mid': nhwc(mid), 'y': nhwc(y), 'grads': grads, **added},
          here / 'controlnet-expected.safetensors')
with torch.device('meta'):
    full = ControlNetModel(cross_attention_dim=768)
print(f'Stable Diffusion 1.5: {sum(p.numel() for p in full.parameters()):,}')
