"""Reference values for tests/models/dcgan.test.ts: nets laid out as in PyTorch's DCGAN example, small and with random weights.
Run: python tests/models/dcgan_reference.py   (writes dcgan-reference.json and .safetensors beside this file; tests/packed.ts packs the .json)"""
import json
import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

here = pathlib.Path(__file__).parent
torch.manual_seed(0)
Z, W, C, B = 6, 4, 2, 5  # noise, width, channels, batch; pictures of 16 x 16


def up(a, b):
    return [nn.ConvTranspose2d(a, b, 4, 2, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU(True)]


def down(a, b):
    return [nn.Conv2d(a, b, 4, 2, 1, bias=False), nn.BatchNorm2d(b), nn.LeakyReLU(0.2, inplace=True)]


class Net(nn.Module):
    def __init__(self, *layers):
        super().__init__()
        self.main = nn.Sequential(*layers)
        for p in self.parameters():
            nn.init.normal_(p, 1.0 if p.dim() == 1 else 0.0, 0.3)

    def forward(self, x):
        return self.main(x)


G = Net(nn.ConvTranspose2d(Z, 2 * W, 4, 1, 0, bias=False), nn.BatchNorm2d(2 * W), nn.ReLU(True), *up(2 * W, W),
        nn.ConvTranspose2d(W, C, 4, 2, 1, bias=False), nn.Tanh())
D = Net(nn.Conv2d(C, W, 4, 2, 1, bias=False), nn.LeakyReLU(0.2, inplace=True), *down(W, 2 * W),
        nn.Conv2d(2 * W, 1, 4, 1, 0, bias=False), nn.Sigmoid())


def pack(t):
    return {'shape': list(t.shape), 'data': [float(f'{v:.7g}') for v in t.detach().flatten().double().tolist()]}


def weights(net):
    return {k: v.clone() for k, v in net.state_dict().items() if not k.endswith('num_batches_tracked')}


def grads(net, loss):
    net.zero_grad()
    loss.backward(retain_graph=True)
    return {k: pack(p.grad) for k, p in net.named_parameters()}


save_file({f'{name}/{k}': v.contiguous() for name, net in (('G', G), ('D', D)) for k, v in weights(net).items()},
          here / 'dcgan-reference.safetensors')
z, x = torch.randn(B, Z, 1, 1), torch.tanh(torch.randn(B, C, 16, 16))
bce = nn.BCELoss()
fake = G(z)
real_answer, fake_answer = D(x).view(-1), D(fake).view(-1)
lossD = bce(real_answer, torch.ones(B)) + bce(fake_answer, torch.zeros(B))
lossG = bce(fake_answer, torch.ones(B))
out = {'z': pack(z.view(B, Z)), 'x': pack(x.permute(0, 2, 3, 1)), 'fake': pack(fake.permute(0, 2, 3, 1)),
       'lossD': lossD.item(), 'lossG': lossG.item(), 'gradsD': grads(D, lossD), 'gradsG': grads(G, lossG),
       'running': {k: pack(v) for k, v in weights(G).items() if 'running' in k}}
G.eval(), D.eval()
out['evaluated'] = pack(G(z).permute(0, 2, 3, 1))
out['answers'] = pack(D(x).view(-1))
(here / 'dcgan-reference.json').write_text(json.dumps(out, separators=(',', ':')) + '\n')
