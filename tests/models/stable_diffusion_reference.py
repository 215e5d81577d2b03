"""A whole Stable Diffusion 1.5 folder with small random nets, and what diffusers paints with it, for
tests/models/stable-diffusion.test.ts. Run: python tests/models/stable_diffusion_reference.py
(pip install torch diffusers transformers safetensors peft)
Writes tiny-stable-diffusion/ (the layout of a downloaded model), tiny-stable-diffusion-expected.safetensors and
tiny-lora.safetensors into fixtures/."""
import collections
import json
import pathlib
import shutil
from unittest.mock import patch

import torch
from diffusers import (AutoencoderKL, DDIMScheduler, StableDiffusionImg2ImgPipeline, StableDiffusionInpaintPipeline,
                       StableDiffusionPipeline, UNet2DConditionModel)
from safetensors.torch import load_file, save_file
from stable_diffusion_letters import bytes_to_letters
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

here = pathlib.Path(__file__).parent / 'fixtures'
folder = here / 'tiny-stable-diffusion'
TEXTS = ['', 'a red heart', 'A photo of THE  cats, dogs & 42 birds!', "it's an apple; naïve 红心 🍎", 'hearts ' * 20]


def tokenizer():
    """Vocabulary of bytes, bytes at a word's end, and 40 merges learnt from a few words."""
    letters = bytes_to_letters()
    words = collections.Counter({tuple(w[:-1]) + (w[-1] + '</w>',): n for n, w in enumerate(
        'red heart hearts apple green photo the cat cats dog dogs bird birds and of an naïve'.split(), 1)})
    merges = []
    for _ in range(40):
        pairs = collections.Counter()
        for word, n in words.items():
            for pair in zip(word, word[1:]):
                pairs[pair] += n
        best = max(pairs, key=lambda p: (pairs[p], p))
        merges.append(best)
        joined = collections.Counter()
        for word, n in words.items():
            out, i = [], 0
            while i < len(word):
                both = word[i:i + 2] == best
                out.append(''.join(best) if both else word[i])
                i += 2 if both else 1
            joined[tuple(out)] += n
        words = joined
    vocabulary = [*letters, *(x + '</w>' for x in letters), *(''.join(m) for m in merges), '<|startoftext|>', '<|endoftext|>']
    (folder / 'tokenizer').mkdir(parents=True)
    (folder / 'tokenizer' / 'vocab.json').write_text(json.dumps({t: i for i, t in enumerate(vocabulary)}, ensure_ascii=False))
    (folder / 'tokenizer' / 'merges.txt').write_text('#version: 0.2\n' + '\n'.join(' '.join(m) for m in merges) + '\n')
    return CLIPTokenizer.from_pretrained(folder / 'tokenizer', pad_token='<|endoftext|>', model_max_length=77), len(vocabulary)


def jiggle(model):
    with torch.no_grad():
        for p in model.parameters():
            p.add_(0.1 * torch.randn_like(p))
    return model.eval()


def nhwc(t):
    return t.permute(0, 2, 3, 1).contiguous()


def pictures():
    """Image-to-image and inpainting as diffusers does them. Its random numbers come from here: `start` is the noise,
    `draw` what the encoder's bells are sampled with, 0 where the sample is to be their mean."""
    outside = torch.Generator().manual_seed(1)
    image = torch.rand(1, 3, 8, 16, generator=outside)
    draw = torch.randn(start.shape, generator=outside)
    mask = torch.zeros(1, 1, 8, 16)
    mask[..., 2:, 4:12] = 1  # whole latents, so that it doesn't matter how a mask is made smaller
    of_pipe = {name: part for name, part in pipe.components.items() if name != 'image_encoder'}
    img2img = StableDiffusionImg2ImgPipeline(**of_pipe, requires_safety_checker=False)
    inpaint = StableDiffusionInpaintPipeline(**of_pipe, requires_safety_checker=False)
    made = {'image': nhwc(image * 2 - 1), 'draw': nhwc(draw), 'mask': nhwc(mask)}

    def run(name, pipeline, steps, strength, eps=torch.zeros_like(draw), **more):
        pipeline.set_progress_bar_config(disable=True)
        visited = []

        def note(_, __, t, state):
            visited.append(int(t))
            return state

        module = type(pipeline).__module__
        with patch(f'{module}.randn_tensor', lambda *_, **__: start.clone()), \
                patch('diffusers.models.autoencoders.vae.randn_tensor', lambda *_, **__: eps.clone()):
            picture = pipeline('a red heart', negative_prompt='dogs', image=image, strength=strength, guidance_scale=5.0,
                               num_inference_steps=steps, output_type='pt', callback_on_step_end=note, **more).images
        made[name], made[name + '.t'] = nhwc(picture * 2 - 1), torch.tensor(visited, dtype=torch.int32)

    run('repaint', img2img, 50, 0.8)
    run('repaintLess', img2img, 30, 0.55)
    run('repaintDrawn', img2img, 50, 0.8, draw)
    where = {'mask_image': mask, 'height': 8, 'width': 16}
    run('inpaint', inpaint, 50, 1.0, **where)
    run('inpaintLess', inpaint, 30, 0.55, **where)
    return made


torch.manual_seed(0)
shutil.rmtree(folder, ignore_errors=True)
tokens, size = tokenizer()
text_encoder = jiggle(CLIPTextModel(CLIPTextConfig(
    vocab_size=size, hidden_size=8, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
    bos_token_id=size - 2, eos_token_id=size - 1, pad_token_id=size - 1)))
vae = jiggle(AutoencoderKL(
    down_block_types=['DownEncoderBlock2D'] * 2, up_block_types=['UpDecoderBlock2D'] * 2, block_out_channels=[4, 8],
    layers_per_block=1, latent_channels=4, norm_num_groups=4))
unet = jiggle(UNet2DConditionModel(
    sample_size=4, block_out_channels=[8, 12], layers_per_block=1, norm_num_groups=4, attention_head_dim=2, cross_attention_dim=8,
    down_block_types=['CrossAttnDownBlock2D', 'DownBlock2D'], up_block_types=['UpBlock2D', 'CrossAttnUpBlock2D']))
scheduler = DDIMScheduler(beta_start=0.00085, beta_end=0.012, beta_schedule='scaled_linear', clip_sample=False,
                          set_alpha_to_one=True, steps_offset=1)
pipe = StableDiffusionPipeline(vae=vae, text_encoder=text_encoder, tokenizer=tokens, unet=unet, scheduler=scheduler,
                               safety_checker=None, feature_extractor=None, requires_safety_checker=False)
pipe.set_progress_bar_config(disable=True)
pipe.save_pretrained(folder)



def as_in_2022(file, rename):
    """Saves a file anew under the names that the published Stable Diffusion 1.5 has, which this test is about."""
    with_old_names = {rename(name): tensor for name, tensor in load_file(file).items()}
    if 'text_model.embeddings.token_embedding.weight' in with_old_names:
        with_old_names['text_model.embeddings.position_ids'] = torch.arange(77).unsqueeze(0)
    save_file(with_old_names, file)


def old_vae(name):
    for new, old in (('to_q', 'query'), ('to_k', 'key'), ('to_v', 'value'), ('to_out.0', 'proj_attn')):
        name = name.replace(f'.{new}.', f'.{old}.')
    return name


as_in_2022(folder / 'vae' / 'diffusion_pytorch_model.safetensors', old_vae)
as_in_2022(folder / 'text_encoder' / 'model.safetensors', lambda name: 'text_model.' + name)
(folder / 'tokenizer' / 'tokenizer.json').unlink()

ids = tokens(TEXTS, padding='max_length', max_length=77, truncation=True, return_tensors='pt').input_ids
start = torch.randn(1, 4, 4, 8)
how = dict(prompt='a red heart', negative_prompt='dogs', height=8, width=16, num_inference_steps=7, guidance_scale=5.0, output_type='pt')
with torch.no_grad():
    words = text_encoder(ids)[0]
    picture = pipe(latents=start.clone(), **how).images * 2 - 1
    plain = pipe(latents=start.clone(), **{**how, 'guidance_scale': 1.0}).images * 2 - 1
    others = pictures()
    pipe.scheduler = DDIMScheduler.from_config(scheduler.config, set_alpha_to_one=False)  # as Stable Diffusion 1.5 has it
    noisyEnd = pipe(latents=start.clone(), **how).images * 2 - 1
    pipe.scheduler = scheduler
    lora = {}
    for name in ('mid_block.attentions.0.transformer_blocks.0.attn2.to_v', 'down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q'):
        layer, key = unet.get_submodule(name), 'lora_unet_' + name.replace('.', '_')
        lora[key + '.lora_down.weight'] = torch.randn(2, layer.in_features)
        lora[key + '.lora_up.weight'] = torch.randn(layer.out_features, 2)
        lora[key + '.alpha'] = torch.tensor(1.0)
    save_file(lora, here / 'tiny-lora.safetensors')
    pipe.load_lora_weights(here, weight_name='tiny-lora.safetensors')
    styled = pipe(latents=start.clone(), **how).images * 2 - 1

save_file({'ids': ids.int(), 'words': words, 'start': nhwc(start), 'picture': nhwc(picture), 'plain': nhwc(plain), 'styled': nhwc(styled),
           'noisyEnd': nhwc(noisyEnd),
           'alphaBar': scheduler.alphas_cumprod.float(), **others}, here / 'tiny-stable-diffusion-expected.safetensors',
          metadata={'texts': json.dumps(TEXTS, ensure_ascii=False)})
