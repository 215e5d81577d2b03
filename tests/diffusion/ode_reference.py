"""Where diffusers' schedulers arrive, for tests/diffusion/ode.test.ts. Run: python tests/diffusion/ode_reference.py
(pip install torch diffusers). Writes ode_reference.json beside this file (tests/packed.ts packs it): for each scheduler and setting the levels
(sigmas), the times at which the net is asked, x at the start and x at the end."""
import json
import math
import pathlib

import numpy as np
import torch
from diffusers import (DPMSolverMultistepScheduler, EulerDiscreteScheduler, FlowMatchEulerDiscreteScheduler,
                       HeunDiscreteScheduler)

NOISE = torch.linspace(-1.5, 1.5, 6, dtype=torch.float64)
CASES = []


def answer(x, t):  # a net that bends what it sees, and looks at the time
    return torch.tanh(1.2 * x) * (0.4 + 0.5 * float(t) / 1000) + 0.05


def run(kind, scheduler, start, **settings):
    x = start
    for t in scheduler.timesteps:
        seen = x if kind == 'flow' else scheduler.scale_model_input(x, t)
        x = scheduler.step(answer(seen, t), t, x).prev_sample
    levels = scheduler.sigmas.double().tolist()
    times = scheduler.timesteps.double().tolist()
    CASES.append(dict(kind=kind, **settings, levels=levels, times=times, start=start.tolist(), end=x.tolist()))


BETAS = dict(linear=dict(beta_start=1e-4, beta_end=0.02), scaled_linear=dict(beta_start=0.00085, beta_end=0.012))
for schedule, prediction, karras, steps in [
        ('linear', 'epsilon', False, 5), ('scaled_linear', 'v_prediction', False, 8), ('scaled_linear', 'epsilon', True, 10),
        ('linear', 'v_prediction', True, 20)]:
    common = dict(beta_schedule=schedule, prediction_type=prediction, use_karras_sigmas=karras, **BETAS[schedule])
    settings = dict(schedule=schedule, prediction=prediction, karras=karras, steps=steps)
    for kind, Scheduler in dict(euler=EulerDiscreteScheduler, heun=HeunDiscreteScheduler).items():
        scheduler = Scheduler(timestep_spacing='trailing', **common)
        scheduler.set_timesteps(steps)
        run(kind, scheduler, NOISE * float(scheduler.sigmas[0]), **settings)
    if not karras:  # with Karras' levels this scheduler rounds the times
        scheduler = DPMSolverMultistepScheduler(timestep_spacing='trailing', algorithm_type='dpmsolver++', solver_order=2,
                                                solver_type='midpoint', final_sigmas_type='zero', **common)
        scheduler.set_timesteps(steps)  # its x is ours divided by the root of 1 + sigma^2
        first = float(scheduler.sigmas[0])
        run('dpm', scheduler, NOISE * first / math.sqrt(1 + first ** 2), **settings)
for shift, steps in [(1.0, 6), (3.0, 10)]:
    scheduler = FlowMatchEulerDiscreteScheduler(shift=shift)
    scheduler.set_timesteps(sigmas=np.linspace(1, 1 / steps, steps))
    run('flow', scheduler, NOISE, shift=shift, steps=steps)

file = pathlib.Path(__file__).with_suffix('.json')
file.write_text('[\n' + ',\n'.join(json.dumps(case) for case in CASES) + '\n]\n')
print(len(CASES), 'cases')
