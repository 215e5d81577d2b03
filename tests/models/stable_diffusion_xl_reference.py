"""What diffusers paints with the parts of Stable Diffusion XL and 2, small and random, for tests/models/stable-diffusion-xl.test.ts.
Run: python tests/models/stable_diffusion_xl_reference.py   (pip install torch diffusers transformers safetensors)
Writes into fixtures/: tiny-sdxl.json and tiny-sd2.json, the settings of the folders as diffusers saves them, and
tiny-sdxl-expected.safetensors, tiny-sdxl-inpaint-expected.safetensors.
The weights are no file: both sides draw them from the same generator, name by name. The tokenizer is that of
tiny-stable-diffusion, the second one padded with '!', as the published one is."""
import json
import pathlib
import re
import tempfile
from unittest.mock import patch

import torch
from diffusers import (AutoencoderKL, DDIMScheduler, EulerDiscreteScheduler, StableDiffusionPipeline,
                       StableDiffusionXLImg2ImgPipeline, StableDiffusionXLInpaintPipeline, StableDiffusionXLPipeline, UNet2DConditionModel)
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

here = pathlib.Path(__file__).parent / 'fixtures'
words = here / 'tiny-stable-diffusion' / 'tokenizer'
TEXT, NEGATIVE = 'a red heart', 'dogs'


def filled(model):
    """Park and Miller's generator: x ← 16807·x mod 2³¹ − 1; uniform from −0.3 to 0.3, around 1 for weights of norms."""
    state = 1
    ours = {n if n.startswith('text_') or not isinstance(model, (CLIPTextModel, CLIPTextModelWithProjection)) else 'text_model.' + n: p
            for n, p in model.named_parameters()}
    with torch.no_grad():
        for name, p in sorted(ours.items()):
            values = torch.empty(p.numel())
            for i in range(p.numel()):
                state = 16807 * state % (2 ** 31 - 1)
                values[i] = 0.6 * (state / (2 ** 31 - 1)) - 0.3
            p.copy_(values.reshape(p.shape) + (1 if re.search(r'norm[^.]*\.weight$', name) else 0))
    return model.eval()


def nhwc(t):
    return t.permute(0, 2, 3, 1).contiguous()


tokenizer = CLIPTokenizer.from_pretrained(words, pad_token='<|endoftext|>', model_max_length=77)
tokenizer_2 = CLIPTokenizer.from_pretrained(words, pad_token='!', model_max_length=77)
size = len(tokenizer)
both = dict(vocab_size=size, num_hidden_layers=2, num_attention_heads=2, eos_token_id=2, bos_token_id=0)
text_encoder = filled(CLIPTextModel(CLIPTextConfig(**both, hidden_size=8, intermediate_size=32)))
text_encoder_2 = filled(CLIPTextModelWithProjection(CLIPTextConfig(
    **both, hidden_size=12, intermediate_size=48, hidden_act='gelu', projection_dim=6, pad_token_id=1)))
vae = filled(AutoencoderKL(
    down_block_types=['DownEncoderBlock2D'] * 2, up_block_types=['UpDecoderBlock2D'] * 2, block_out_channels=[4, 8],
    layers_per_block=1, latent_channels=4, norm_num_groups=4, scaling_factor=0.13025))
unet = filled(UNet2DConditionModel(
    sample_size=4, block_out_channels=[8, 12], layers_per_block=1, norm_num_groups=4, attention_head_dim=[2, 3],
    cross_attention_dim=20, down_block_types=['DownBlock2D', 'CrossAttnDownBlock2D'],
    up_block_types=['CrossAttnUpBlock2D', 'UpBlock2D'], transformer_layers_per_block=[1, 2], use_linear_projection=True,
    addition_embed_type='text_time', addition_time_embed_dim=4, projection_class_embeddings_input_dim=30))
euler = EulerDiscreteScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule='scaled_linear', steps_offset=1,
                               timestep_spacing='leading')
pipe = StableDiffusionXLPipeline(vae=vae, text_encoder=text_encoder, text_encoder_2=text_encoder_2, tokenizer=tokenizer,
                                 tokenizer_2=tokenizer_2, unet=unet, scheduler=euler, add_watermarker=False)


def keep_settings(pipe, name):
    with tempfile.TemporaryDirectory() as saved:
        pipe.save_pretrained(saved)
        files = {str(f.relative_to(saved)): json.loads(f.read_text()) for f in sorted(pathlib.Path(saved).rglob('*.json'))
                 if f.name not in ('tokenizer.json', 'vocab.json')}
    (here / name).write_text(json.dumps(files, separators=(',', ':')))


keep_settings(pipe, 'tiny-sdxl.json')

pipe.scheduler = DDIMScheduler.from_config(euler.config, clip_sample=False, set_alpha_to_one=True)
outside = torch.Generator().manual_seed(1)
start = torch.randn(1, 4, 4, 8, generator=outside)
image = torch.rand(1, 3, 8, 16, generator=outside)
how = dict(prompt=TEXT, num_inference_steps=7, guidance_scale=5.0, output_type='pt')
pipe.set_progress_bar_config(disable=True)
with torch.no_grad():
    tokens, _, pooled, _ = pipe.encode_prompt(TEXT)
    ids = torch.tensor([[8., 16., 0., 0., 8., 16.]])
    answer = unet(start, torch.tensor([500]), tokens, added_cond_kwargs={'text_embeds': pooled, 'time_ids': ids}).sample
    picture = pipe(latents=start.clone(), height=8, width=16, **how).images
    img2img = StableDiffusionXLImg2ImgPipeline(**pipe.components)
    img2img.set_progress_bar_config(disable=True)
    module = type(img2img).__module__
    with patch(f'{module}.randn_tensor', lambda *_, **__: start.clone()), \
            patch('diffusers.models.autoencoders.vae.randn_tensor', lambda *_, **__: torch.zeros_like(start)):
        repainted = img2img(image=image, strength=0.8, negative_prompt=NEGATIVE, **{**how, 'num_inference_steps': 10}).images
    inpaint = StableDiffusionXLInpaintPipeline(**pipe.components)
    inpaint.set_progress_bar_config(disable=True)
    mask = torch.zeros(1, 1, 8, 16)
    mask[..., 2:, 4:12] = 1  # whole latents, so that it doesn't matter how a mask is made smaller
    module = type(inpaint).__module__
    with patch(f'{module}.randn_tensor', lambda *_, **__: start.clone()), \
            patch('diffusers.models.autoencoders.vae.randn_tensor', lambda *_, **__: torch.zeros_like(start)):
        inside = {f'inpainted {strength}': inpaint(
            image=image, mask_image=mask, strength=strength, negative_prompt=NEGATIVE, height=8, width=16,
            **{**how, 'num_inference_steps': 10}).images for strength in (1.0, 0.6)}

pipe2 = StableDiffusionPipeline(
    vae=vae, tokenizer=tokenizer_2, safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    text_encoder=filled(CLIPTextModel(CLIPTextConfig(**both, hidden_size=8, intermediate_size=32, hidden_act='gelu'))),
    unet=filled(UNet2DConditionModel(
        sample_size=4, block_out_channels=[8, 12], layers_per_block=1, norm_num_groups=4, attention_head_dim=[2, 3],
        cross_attention_dim=8, down_block_types=['CrossAttnDownBlock2D', 'DownBlock2D'],
        up_block_types=['UpBlock2D', 'CrossAttnUpBlock2D'], use_linear_projection=True)),
    scheduler=DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule='scaled_linear', clip_sample=False,
                            set_alpha_to_one=False, steps_offset=1, prediction_type='v_prediction'))
pipe2.set_progress_bar_config(disable=True)
keep_settings(pipe2, 'tiny-sd2.json')
with torch.no_grad():
    version2 = pipe2(latents=start.clone(), height=8, width=16, negative_prompt=NEGATIVE, **how).images
save_file({'version2': nhwc(version2 * 2 - 1), 'start': nhwc(start), 'tokens': tokens.half().contiguous(), 'pooled': pooled.contiguous(), 'answer': nhwc(answer),
           'picture': nhwc(picture * 2 - 1), 'image': nhwc(image * 2 - 1),
           'repainted': nhwc(repainted * 2 - 1)}, here / 'tiny-sdxl-expected.safetensors')
save_file({'mask': nhwc(mask), **{name: nhwc(picture * 2 - 1) for name, picture in inside.items()}},
          here / 'tiny-sdxl-inpaint-expected.safetensors')
