"""SmolLM2-135M in transformers, on the same dequantised weights: reference_transformers.py FILE.gguf. Protocol: see worker.ts."""
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, DynamicCache
from turns import take_turns

torch.set_num_threads(2)
file = pathlib.Path(sys.argv[1])
model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32).eval()
cache, token, length = DynamicCache(config=model.config), torch.tensor([[1]]), 0


@torch.no_grad()
def step():
    """Reads one token and chooses the likeliest that follows; after 200 the text begins anew."""
    global cache, token, length
    if length % 200 == 0:
        cache = DynamicCache(config=model.config)
    length += 1
    token = model(token, past_key_values=cache, use_cache=True).logits[:, -1:].argmax(-1)
    token.item()


take_turns(step)
