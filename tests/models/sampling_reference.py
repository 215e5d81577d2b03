"""Probabilities after the cuts of transformers' logits processors, for tests/models/language-model.test.ts.
Run: python tests/models/sampling_reference.py   (torch 2.13.0+cpu, transformers 5.24.0; writes fixtures/sampling.json)"""
import json
import pathlib

import torch
from transformers import (RepetitionPenaltyLogitsProcessor, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper)

torch.manual_seed(0)
logits = (2 * torch.randn(1, 24)).round(decimals=3)
logits[0, 5] = logits[0, 9] = logits[0, 3]  # equally likely ones at a cut
previous = torch.tensor([[3, 7, 7, 11]])
cases = [{}, {'temperature': 0.5}, {'topK': 4}, {'topP': 0.6}, {'repetition': 1.5}, {'temperature': 1.7, 'topK': 10, 'topP': 0.8, 'repetition': 0.8},
         {'topK': 1}, {'topP': 0.001}, {'topK': 100}, {'temperature': 0.1, 'topP': 0.999}]
for case in cases:
    scores = logits.clone()
    if 'repetition' in case:
        scores = RepetitionPenaltyLogitsProcessor(case['repetition'])(previous, scores)
    if 'temperature' in case:
        scores = TemperatureLogitsWarper(case['temperature'])(previous, scores)
    if 'topK' in case:
        scores = TopKLogitsWarper(case['topK'])(previous, scores)
    if 'topP' in case:
        scores = TopPLogitsWarper(case['topP'])(previous, scores)
    case['expected'] = [round(p, 7) for p in scores.softmax(-1)[0].tolist()]
out = {'logits': [round(v, 3) for v in logits[0].tolist()], 'previous': previous[0].tolist(), 'cases': cases}
(pathlib.Path(__file__).parent / 'fixtures/sampling.json').write_text(json.dumps(out) + '\n')
