"""Time steps, schedules and one step of diffusers' DDIMScheduler under many settings, for
tests/models/stable-diffusion-settings.test.ts. Run: python tests/models/scheduler_reference.py
(pip install torch diffusers). Writes fixtures/schedulers.json; tests/packed.ts packs it."""
import itertools
import json
import pathlib

import torch
from diffusers import DDIMScheduler

CASES = []
for beta, prediction, spacing, offset, zero, end in itertools.product(
        ['linear', 'scaled_linear', 'squaredcos_cap_v2'], ['epsilon', 'v_prediction', 'sample'], ['leading', 'trailing'],
        [0, 1], [False, True], [False, True]):
    if zero and prediction == 'epsilon' or (spacing == 'trailing' and offset == 1):
        continue
    settings = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule=beta,
                    prediction_type=prediction, timestep_spacing=spacing, steps_offset=offset,
                    rescale_betas_zero_snr=zero, set_alpha_to_one=end, clip_sample=False)
    scheduler = DDIMScheduler(**settings)
    scheduler.set_timesteps(10)
    x = torch.linspace(-1.5, 1.5, 6)
    for t in scheduler.timesteps:  # a net that answers with half of what it sees
        x = scheduler.step(x * 0.5, t, x).prev_sample
    CASES.append(dict(settings=settings, t=scheduler.timesteps.tolist(), end=[round(v, 6) for v in x.tolist()],
                      alphaBar=[round(float(scheduler.alphas_cumprod[i]), 7) for i in (0, 500, 999)]))
file = pathlib.Path(__file__).parent / 'fixtures' / 'schedulers.json'
file.write_text('[\n' + ',\n'.join(json.dumps(case) for case in CASES) + '\n]\n')
print(len(CASES), 'cases')
