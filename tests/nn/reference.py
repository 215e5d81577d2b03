"""Reference values for tests/nn, from PyTorch. Run: python tests/nn/reference.py > tests/nn/reference.json, then node --import tsx tests/packed.ts tests/nn/reference.json"""
import json
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


def pack(t):
    return {'shape': list(t.shape), 'data': [round(float(v), 7) for v in t.detach().flatten().double()]}


def layer(module, x, nchw=False, names=None):
    """Output, gradient of sum(sin(output)) for input and weights, of a layer on x."""
    x = x.clone().requires_grad_(x.is_floating_point())
    y = module(x)
    torch.sin(y).sum().backward()
    nhwc = (lambda t: t.permute(0, 2, 3, 1)) if nchw else (lambda t: t)
    out = {'x': pack(nhwc(x)), 'y': pack(nhwc(y)), 'state': {k: pack(v) for k, v in module.state_dict().items() if v.dtype == torch.float32},
           'grads': {k: pack(p.grad) for k, p in module.named_parameters()}}
    if x.grad is not None:
        out['dx'] = pack(nhwc(x.grad))
    return out


def jiggle(module):
    with torch.no_grad():
        for p in module.parameters():
            p.add_(0.3 * torch.randn_like(p))
    return module


image = torch.randn(2, 4, 6, 6)
layers = {
    'linear': layer(nn.Linear(5, 3), torch.randn(2, 4, 5)),
    'conv_same': layer(nn.Conv2d(4, 3, 3, padding=1), image, True),
    'conv_stride2': layer(nn.Conv2d(4, 3, 3, stride=2, padding=1), image, True),
    'conv_valid': layer(nn.Conv2d(4, 3, 5, bias=False), image, True),
    'conv_transpose': layer(nn.ConvTranspose2d(4, 3, 4, stride=2, padding=1), image, True),
    'group_norm': layer(jiggle(nn.GroupNorm(2, 4)), image, True),
    'layer_norm': layer(jiggle(nn.LayerNorm(5)), torch.randn(2, 3, 5)),
    'batch_norm': layer(jiggle(nn.BatchNorm2d(4)), image, True),
    'embedding': layer(nn.Embedding(7, 3), torch.tensor([[1, 2], [6, 1]])),
}

v = torch.linspace(-4, 4, 9)
functions = {'x': pack(v), 'silu': pack(F.silu(v)), 'gelu': pack(F.gelu(v)), 'geluTanh': pack(F.gelu(v, approximate='tanh'))}

logits = torch.randn(3, 4) * 3
labels = torch.tensor([0, 3, 2])
target = torch.rand(3, 4)
losses = {'logits': pack(logits), 'labels': labels.tolist(), 'target': pack(target), 'cross_entropy': F.cross_entropy(logits, labels).item(),
          'bce': pack(F.binary_cross_entropy_with_logits(logits, target, reduction='none'))}


def descend(make, clip=None):
    """Five steps on sum((a - b)^2 c); returns where the parameter stands after each."""
    p = torch.tensor([1.0, -2.0, 3.0], requires_grad=True)
    opt, path = make([p]), []
    for _ in range(5):
        opt.zero_grad()
        ((p - torch.tensor([0.5, 0.5, 0.5])) ** 2 * torch.tensor([1.0, 2.0, 3.0])).sum().backward()
        if clip:
            nn.utils.clip_grad_norm_([p], clip)
        opt.step()
        path.append([round(float(u), 7) for u in p.detach()])
    return path


optimisers = {
    'sgd': descend(lambda p: torch.optim.SGD(p, lr=0.05)),
    'momentum': descend(lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9)),
    'adam': descend(lambda p: torch.optim.Adam(p, lr=0.1)),
    'adamw': descend(lambda p: torch.optim.AdamW(p, lr=0.1, weight_decay=0.1)),
    'adam_clipped': descend(lambda p: torch.optim.Adam(p, lr=0.1), clip=1.0),
    'sgd_clipped': descend(lambda p: torch.optim.SGD(p, lr=0.1), clip=1.0),
}
print(json.dumps({'torch': torch.__version__, 'layers': layers, 'functions': functions, 'losses': losses, 'optimisers': optimisers}, separators=(',', ':')))
