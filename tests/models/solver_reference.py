"""What diffusers 0.42 paints with other samplers from fixtures/tiny-stable-diffusion, for tests/models/samplers.test.ts.
Run: python tests/models/solver_reference.py   (pip install torch diffusers transformers safetensors)
Writes fixtures/solvers-expected.safetensors. The first noise is that of stable_diffusion_reference.py."""
import pathlib
from unittest.mock import patch

import torch
from diffusers import (DPMSolverMultistepScheduler, EulerDiscreteScheduler, HeunDiscreteScheduler,
                       StableDiffusionInpaintPipeline, StableDiffusionPipeline)
from safetensors.torch import load_file, save_file

here = pathlib.Path(__file__).parent / 'fixtures'
known = load_file(here / 'tiny-stable-diffusion-expected.safetensors')
start = known['start'].permute(0, 3, 1, 2).contiguous()
pipe = StableDiffusionPipeline.from_pretrained(here / 'tiny-stable-diffusion', safety_checker=None, requires_safety_checker=False)
own = pipe.scheduler.config
schedulers = {
    'ddim': pipe.scheduler,
    'euler': EulerDiscreteScheduler.from_config(own),
    'heun': HeunDiscreteScheduler.from_config(own),
    'dpm++2m': DPMSolverMultistepScheduler.from_config(own, timestep_spacing='trailing'),
}


def nhwc(x):
    return x.permute(0, 2, 3, 1).contiguous()


how = dict(prompt='a red heart', negative_prompt='dogs', height=8, width=16, guidance_scale=5.0, output_type='pt')
made = {}
for name, scheduler in schedulers.items():
    pipe.scheduler = scheduler
    scheduler.set_timesteps(7)
    with torch.no_grad():
        made[name] = nhwc(pipe(latents=start.clone(), num_inference_steps=7, **how).images * 2 - 1)
    print(name, [round(float(t), 1) for t in pipe.scheduler.timesteps])
print('ddim as recorded, off by', float((made.pop('ddim') - known['picture']).abs().max()))

parts = {name: part for name, part in pipe.components.items() if name != 'image_encoder'}
inpaint = StableDiffusionInpaintPipeline(**{**parts, 'scheduler': schedulers['euler']}, requires_safety_checker=False)
image, mask = (known[name].permute(0, 3, 1, 2).contiguous() for name in ('image', 'mask'))
module = type(inpaint).__module__
with torch.no_grad(), patch(f'{module}.randn_tensor', lambda *_, **__: start.clone()), \
        patch('diffusers.models.autoencoders.vae.randn_tensor', lambda *_, **__: torch.zeros_like(start)):
    picture = inpaint(image=(image + 1) / 2, mask_image=mask, strength=1.0, num_inference_steps=7, **how).images
made['inpaint euler'] = nhwc(picture * 2 - 1)
save_file(made, here / 'solvers-expected.safetensors')
