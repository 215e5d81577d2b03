"""Reference values for tests/models/sequences.test.ts: torch's RNN, GRU and LSTM, transformers' BERT and T5 (v1.0, v1.1), small and random.
Run: python tests/models/sequence_reference.py   (torch 2.13.0+cpu, transformers 5.24.0, safetensors 0.8.0: see llama_reference.py)"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from transformers import (BertConfig, BertForMaskedLM, BertForSequenceClassification, BertModel, T5Config, T5ForConditionalGeneration)

here = pathlib.Path(__file__).parent / 'fixtures'
torch.manual_seed(0)


def halves(model, by=0.3):
    """Weights that 16 bits hold exactly, so that the files are small and nothing is lost."""
    with torch.no_grad():
        for p in model.parameters():
            p.copy_((p + by * torch.randn_like(p)).half().float())
    return model.eval()


def write(name, model, loss, values):
    """Weights, the values given, and every weight's gradient of the loss."""
    loss.backward()
    values |= {'loss': loss} | {f'grad.{k}': p.grad.half() for k, p in model.named_parameters() if p.grad is not None}
    save_file({k: v.detach().contiguous() for k, v in values.items()}, here / f'{name}-expected.safetensors')
    save_file({k: p.detach().half().contiguous() for k, p in model.named_parameters()}, here / f'{name}.safetensors')


for name, make in {'rnn': torch.nn.RNN, 'gru': torch.nn.GRU, 'lstm': torch.nn.LSTM}.items():
    net = halves(make(3, 4, num_layers=2, batch_first=True))
    x, start = torch.randn(2, 5, 3), 0.5 * torch.randn(2, 2, 2, 4)
    given = (start[0], start[1]) if name == 'lstm' else start[0]
    y, last = net(x, given)
    last = torch.stack(last) if name == 'lstm' else last[None]
    write(name, net, torch.sin(y).sum() + torch.cos(last).sum(), {'x': x, 'start': start, 'outputs': y, 'last': last})

SIZE = dict(vocab_size=13, hidden_size=8, num_hidden_layers=2, num_attention_heads=2, intermediate_size=12, max_position_embeddings=9)
ids = torch.tensor([[2, 5, 7, 1, 3, 11], [2, 4, 12, 3, 0, 0]])
seen = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0]])
kinds = torch.tensor([[0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 0, 0]])
bert = dict(input_ids=ids, attention_mask=seen, token_type_ids=kinds)
net = halves(BertForMaskedLM(BertConfig(**SIZE)))
labels = torch.tensor([[-100, 5, -100, 9, -100, -100], [-100, -100, 12, -100, -100, -100]])
out = net(**bert, labels=labels)
inputs = {'ids': ids.int(), 'seen': seen.int(), 'kinds': kinds.int(), 'labels': labels.int()}
write('bert', net, out.loss, inputs | {'logits': out.logits})
net = halves(BertForSequenceClassification(BertConfig(**SIZE, num_labels=3)))
out = net(**bert, labels=torch.tensor([2, 0]))
hidden = net.bert(**bert)
write('bert-classifier', net, out.loss, inputs | {'logits': out.logits, 'sequence': hidden.last_hidden_state, 'pooled': hidden.pooler_output})

T5 = dict(vocab_size=13, d_model=8, d_kv=3, d_ff=12, num_layers=2, num_decoder_layers=2, num_heads=2, relative_attention_num_buckets=8,
          relative_attention_max_distance=12, pad_token_id=0, eos_token_id=1, decoder_start_token_id=0)
text = torch.tensor([[5, 7, 2, 9, 4, 3, 8, 6, 6, 10, 11, 12, 2, 5, 3, 1], [5, 6, 2, 1] + 12 * [0]])
answer = torch.tensor([[3, 9, 7, 4, 1], [8, 2, 1, -100, -100]])
for name, more in {'t5': dict(feed_forward_proj='relu', tie_word_embeddings=True), 't5-v1.1': dict(feed_forward_proj='gated-gelu', tie_word_embeddings=False)}.items():
    net = T5ForConditionalGeneration(T5Config(**T5, **more))
    if not more['tie_word_embeddings']:  # transformers 5 unties them when a file has both, as v1.1's have
        net.lm_head.weight = torch.nn.Parameter(torch.randn(13, 8) * 8 ** -0.5)
    net = halves(net)
    out = net(input_ids=text, attention_mask=(text != 0).int(), labels=answer)
    write(name, net, out.loss, {'ids': text.int(), 'labels': answer.int(), 'sequence': out.encoder_last_hidden_state, 'logits': out.logits})

from transformers.models.t5.modeling_t5 import T5Attention
far = torch.arange(-140, 141)
buckets = {str(both): T5Attention._relative_position_bucket(far, bidirectional=both, num_buckets=32, max_distance=128).tolist() for both in (True, False)}
(here / 't5-buckets.json').write_text(json.dumps(buckets, separators=(',', ':')) + '\n')
