"""What transformers answers with SmolLM2-135M-Instruct's own dequantised weights, token for token, for tests/models/smollm2.test.ts.
Run: python tests/models/smollm2_reference.py checkpoints/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf
(torch 2.13.0+cpu, transformers 5.24.0, tokenizers 0.23.3, gguf 0.19.0; writes fixtures/smollm2-answers.json)"""
import json
import pathlib
import sys

import torch
from gguf import GGUFReader
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM

file = pathlib.Path(sys.argv[1]).resolve()
here = pathlib.Path(__file__).parent
model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32).eval()
print(model.config)

fields = GGUFReader(file).fields
words, merges = (fields[f'tokenizer.ggml.{name}'].contents() for name in ('tokens', 'merges'))
tokenizer = Tokenizer(models.BPE(vocab={w: i for i, w in enumerate(words)}, merges=[tuple(m.split(' ')) for m in merges]))
tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
tokenizer.decoder = decoders.ByteLevel()
kinds = fields['tokenizer.ggml.token_type'].contents()
tokenizer.add_special_tokens([AddedToken(w, special=True, normalized=False) for w, kind in zip(words, kinds) if kind == 3])

SYSTEM = '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n'
QUESTIONS = ['What is the capital of France?', 'Write one sentence about the moon.', 'How many letters r are in strawberry?',
             '2 + 3 = ?', '用中文说你好。']
answers = []
for question in QUESTIONS:
    text = f'{SYSTEM}<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n'
    ids = tokenizer.encode(text).ids
    with torch.no_grad():
        first = model(torch.tensor([ids])).logits[0, -1]
        out = model.generate(torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long), max_new_tokens=40, do_sample=False, eos_token_id=2, pad_token_id=2)
    made = out[0, len(ids):].tolist()
    top = first.topk(5)
    print(question, repr(tokenizer.decode(made)), flush=True)
    answers.append({'question': question, 'prompt': ids, 'answer': made, 'text': tokenizer.decode(made),
                    'top': [[i, round(v, 4)] for i, v in zip(top.indices.tolist(), top.values.tolist())]})
(here / 'fixtures/smollm2-answers.json').write_text(json.dumps(answers, ensure_ascii=False, separators=(',', ':')) + '\n')
