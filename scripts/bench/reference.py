"""The same steps in PyTorch: reference.py TASK eager|compile. Protocol: see worker.ts."""
import math
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F
from turns import take_turns

torch.set_num_threads(2)
torch.manual_seed(1)


class Vae(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc21, self.fc22 = nn.Linear(784, 400), nn.Linear(400, 20), nn.Linear(400, 20)
        self.fc3, self.fc4 = nn.Linear(20, 400), nn.Linear(400, 784)

    def forward(self, x):
        h = F.relu(self.fc1(x))
        mean, log_var = self.fc21(h), self.fc22(h)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * log_var)
        logits = self.fc4(F.relu(self.fc3(z)))
        bce = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        kl = 0.5 * torch.sum(mean**2 + log_var.exp() - log_var - 1)
        return (bce + kl) / len(x)


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 3, padding=1), nn.Conv2d(32, 64, 3, padding=1)
        self.fc1, self.fc2 = nn.Linear(7 * 7 * 64, 128), nn.Linear(128, 10)

    def forward(self, x, y):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return F.cross_entropy(self.fc2(F.relu(self.fc1(x.flatten(1)))), y)


class ResnetBlock(nn.Module):
    def __init__(self, inputs, outputs, time_width):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(8, inputs), nn.Conv2d(inputs, outputs, 3, padding=1)
        self.time = nn.Linear(time_width, outputs)
        self.norm2, self.conv2 = nn.GroupNorm(8, outputs), nn.Conv2d(outputs, outputs, 3, padding=1)
        self.shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x, t):
        h = self.conv1(F.silu(self.norm1(x))) + self.time(F.silu(t))[:, :, None, None]
        return self.shortcut(x) + self.conv2(F.silu(self.norm2(h)))


class SpatialAttention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.GroupNorm(8, width)
        self.q, self.k, self.v, self.out = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x):
        rows = self.norm(x).flatten(2).transpose(1, 2)
        mixed = F.scaled_dot_product_attention(self.q(rows), self.k(rows), self.v(rows))
        return x + self.out(mixed).transpose(1, 2).reshape(x.shape)


class UNet(nn.Module):
    """As lib/models/unet.ts with base 32, mults [1, 2, 2], one block, attention in the middle."""

    def __init__(self, base=32, mults=(1, 2, 2)):
        super().__init__()
        time_width, last = 4 * base, len(mults) - 1
        self.base = base
        self.t1, self.t2 = nn.Linear(base, time_width), nn.Linear(time_width, time_width)
        self.enter = nn.Conv2d(1, base, 3, padding=1)
        self.down, self.shrink, self.up, self.grow = (nn.ModuleList() for _ in range(4))
        width, skips = base, [base]
        for level, mult in enumerate(mults):
            self.down.append(ResnetBlock(width, base * mult, time_width))
            width = base * mult
            skips.append(width)
            if level < last:
                self.shrink.append(nn.Conv2d(width, width, 3, stride=2, padding=1))
                skips.append(width)
        self.mid1, self.attention, self.mid2 = ResnetBlock(width, width, time_width), SpatialAttention(width), ResnetBlock(width, width, time_width)
        for level in reversed(range(len(mults))):
            for _ in range(2):
                self.up.append(ResnetBlock(width + skips.pop(), base * mults[level], time_width))
                width = base * mults[level]
            if level > 0:
                self.grow.append(nn.Conv2d(width, width, 3, padding=1))
        self.norm, self.leave = nn.GroupNorm(8, base), nn.Conv2d(base, 1, 3, padding=1)

    def predict(self, x, t):
        half = self.base // 2
        angles = t[:, None] * torch.exp(-math.log(10000) * torch.arange(half) / (half - 1))
        t = self.t2(F.silu(self.t1(torch.cat([angles.sin(), angles.cos()], 1))))
        h = self.enter(x)
        skips = [h]
        for level, block in enumerate(self.down):
            h = block(h, t)
            skips.append(h)
            if level < len(self.shrink):
                h = self.shrink[level](h)
                skips.append(h)
        h = self.mid2(self.attention(self.mid1(h, t)), t)
        for i, block in enumerate(self.up):
            h = block(torch.cat([h, skips.pop()], 1), t)
            if i % 2 and i // 2 < len(self.grow):
                h = self.grow[i // 2](F.interpolate(h, scale_factor=2))
        return self.leave(F.silu(self.norm(h)))

    def forward(self, x, t):
        noise = torch.randn_like(x)
        return F.mse_loss(self.predict(x + noise, t.float()), noise)


class Attention(nn.Module):
    def __init__(self, width, heads, causal):
        super().__init__()
        self.heads, self.causal = heads, causal
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (part.view(B, T, self.heads, -1).transpose(1, 2) for part in self.qkv(x).split(C, 2))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return self.proj(mixed.transpose(1, 2).reshape(B, T, C))


class Block(nn.Module):
    def __init__(self, width, heads, causal):
        super().__init__()
        self.norm1, self.attn, self.norm2 = nn.LayerNorm(width), Attention(width, heads, causal), nn.LayerNorm(width)
        self.fc1, self.fc2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.gelu = nn.GELU(approximate="tanh" if causal else "none")

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.fc2(self.gelu(self.fc1(self.norm2(x))))


class Gpt(nn.Module):
    def __init__(self, vocab=65, context=64, layers=4, heads=4, width=128):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocab, width), nn.Embedding(context, width)
        self.blocks = nn.Sequential(*(Block(width, heads, True) for _ in range(layers)))
        self.norm = nn.LayerNorm(width)

    def forward(self, ids, following):
        x = self.wte(ids) + self.wpe.weight[: ids.shape[1]]
        logits = self.norm(self.blocks(x)) @ self.wte.weight.T
        return F.cross_entropy(logits.flatten(0, 1), following.flatten())


class Vit(nn.Module):
    def __init__(self, image=32, patch=4, layers=4, heads=4, width=128):
        super().__init__()
        self.patches = nn.Conv2d(3, width, patch, stride=patch)
        self.token = nn.Parameter(torch.zeros(1, 1, width))
        self.positions = nn.Parameter(torch.randn(1, (image // patch) ** 2 + 1, width) * 0.02)
        self.blocks = nn.Sequential(*(Block(width, heads, False) for _ in range(layers)))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 10)

    def forward(self, x, y):
        rows = self.patches(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(len(x), -1, -1), rows], 1) + self.positions
        return F.cross_entropy(self.head(self.norm(self.blocks(x))[:, 0]), y)


class Lstm(nn.Module):
    def __init__(self, vocab=65, embedding=64, width=256):
        super().__init__()
        self.encoder, self.rnn, self.decoder = nn.Embedding(vocab, embedding), nn.LSTM(embedding, width, batch_first=True), nn.Linear(width, vocab)

    def forward(self, ids, following):
        logits = self.decoder(self.rnn(self.encoder(ids))[0])
        return F.cross_entropy(logits.flatten(0, 1), following.flatten())


def turned(x, cos, sin):
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


class LlamaBlock(nn.Module):
    def __init__(self, width, hidden, heads, key_heads, layer, eps=1e-6):
        super().__init__()
        self.heads, self.key_heads, self.layer, D = heads, key_heads, layer, width // heads
        self.norm1, self.norm2 = nn.RMSNorm(width, eps=eps), nn.RMSNorm(width, eps=eps)
        self.q, self.k, self.v, self.o = (nn.Linear(width, n * D, bias=False) for n in (heads, key_heads, key_heads, heads))
        self.gate, self.up, self.down = nn.Linear(width, hidden, bias=False), nn.Linear(width, hidden, bias=False), nn.Linear(hidden, width, bias=False)

    def forward(self, x, cos, sin, cache=None, position=0):
        B, T, C = x.shape
        h = self.norm1(x)
        q, k, v = (part(h).view(B, T, n, -1).transpose(1, 2) for part, n in ((self.q, self.heads), (self.k, self.key_heads), (self.v, self.key_heads)))
        q, k = turned(q, cos, sin), turned(k, cos, sin)
        if cache is not None:
            keys, values = cache[self.layer]
            keys[:, :, position:position + T], values[:, :, position:position + T] = k, v
            k, v = keys[:, :, :position + T], values[:, :, :position + T]
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=cache is None, enable_gqa=True)
        x = x + self.o(mixed.transpose(1, 2).reshape(B, T, C))
        h = self.norm2(x)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Llama(nn.Module):
    def __init__(self, vocab=65, width=128, hidden=344, layers=4, heads=4, key_heads=2, theta=1e4, eps=1e-6):
        super().__init__()
        self.table, self.norm = nn.Embedding(vocab, width), nn.RMSNorm(width, eps=eps)
        nn.init.normal_(self.table.weight, std=0.02)
        self.blocks = nn.ModuleList(LlamaBlock(width, hidden, heads, key_heads, i, eps) for i in range(layers))
        D = width // heads
        self.register_buffer("frequencies", theta ** (-torch.arange(0, D, 2) / D))

    def logits(self, ids, cache=None, position=0):
        angles = torch.arange(position, position + ids.shape[1]).float()[:, None] * self.frequencies
        x, cos, sin = self.table(ids), angles.cos(), angles.sin()
        for block in self.blocks:
            x = block(x, cos, sin, cache, position)
        return self.norm(x) @ self.table.weight.T

    def forward(self, ids, following):
        return F.cross_entropy(self.logits(ids).flatten(0, 1), following.flatten())


class T5Attention(nn.Module):
    def __init__(self, width, heads, head_width):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v = (nn.Linear(width, heads * head_width, bias=False) for _ in range(3))
        self.o = nn.Linear(heads * head_width, width, bias=False)

    def forward(self, x, read, bias=None):
        q, k, v = (part(of).unflatten(2, (self.heads, -1)).transpose(1, 2) for part, of in ((self.q, x), (self.k, read), (self.v, read)))
        return self.o(F.scaled_dot_product_attention(q, k, v, bias, scale=1.0).transpose(1, 2).flatten(2))


class T5Block(nn.Module):
    def __init__(self, width, heads, head_width, hidden, decoder):
        super().__init__()
        self.norms = nn.ModuleList(nn.RMSNorm(width, eps=1e-6) for _ in range(3 if decoder else 2))
        self.own = T5Attention(width, heads, head_width)
        self.cross = T5Attention(width, heads, head_width) if decoder else None
        self.gate, self.up, self.down = nn.Linear(width, hidden, bias=False), nn.Linear(width, hidden, bias=False), nn.Linear(hidden, width, bias=False)

    def forward(self, x, bias, read=None):
        h = self.norms[0](x)
        x = x + self.own(h, h, bias)
        if read is not None:
            x = x + self.cross(self.norms[1](x), read)
        h = self.norms[-1](x)
        return x + self.down(F.gelu(self.gate(h), approximate="tanh") * self.up(h))


def distance_kinds(T, both, buckets=32, most=128):
    """T5's kinds of distances, key minus query."""
    distance = torch.arange(T)[None] - torch.arange(T)[:, None]
    kinds = buckets // 2 if both else buckets
    behind = kinds * (distance > 0) if both else 0
    far = distance.abs() if both else (-distance).clamp(min=0)
    exact = kinds // 2
    large = exact + ((far.clamp(min=1) / exact).log() / math.log(most / exact) * (kinds - exact)).long()
    return behind + torch.where(far < exact, far, large.clamp(max=kinds - 1))


class T5(nn.Module):
    def __init__(self, vocab=65, width=128, head_width=32, heads=4, hidden=256, layers=2):
        super().__init__()
        self.table, self.head = nn.Embedding(vocab, width), nn.Linear(width, vocab, bias=False)
        stack = lambda decoder: nn.ModuleList(T5Block(width, heads, head_width, hidden, decoder) for _ in range(layers))
        self.encoder, self.decoder = stack(False), stack(True)
        self.distances = nn.ModuleList(nn.Embedding(32, heads) for _ in range(2))
        self.norms = nn.ModuleList(nn.RMSNorm(width, eps=1e-6) for _ in range(2))

    def forward(self, ids, answer):
        x, y = self.table(ids), self.table(F.pad(answer[:, :-1], (1, 0)))
        S, T = x.shape[1], y.shape[1]
        bias = self.distances[0](distance_kinds(S, True)).permute(2, 0, 1)[None]
        for block in self.encoder:
            x = block(x, bias)
        read = self.norms[0](x)
        bias = self.distances[1](distance_kinds(T, False)).permute(2, 0, 1)[None] + torch.full((T, T), -1e9).triu(1)
        for block in self.decoder:
            y = block(y, bias, read)
        logits = self.head(self.norms[1](y))
        return F.cross_entropy(logits.flatten(0, 1), answer.flatten(), ignore_index=0)


TASKS = {
    "lstm": (Lstm, lambda: (torch.randint(65, (32, 64)), torch.randint(65, (32, 64)))),
    "llama": (Llama, lambda: (torch.randint(65, (12, 64)), torch.randint(65, (12, 64)))),
    "t5": (T5, lambda: (torch.randint(65, (16, 36)), torch.randint(65, (16, 30)))),
    "vae": (Vae, lambda: (torch.rand(128, 784),)),
    "cnn": (Cnn, lambda: (torch.rand(128, 1, 28, 28), torch.randint(10, (128,)))),
    "unet": (UNet, lambda: (torch.rand(32, 1, 32, 32), torch.randint(1000, (32,)))),
    "gpt": (Gpt, lambda: (torch.randint(65, (12, 64)), torch.randint(65, (12, 64)))),
    "vit": (Vit, lambda: (torch.rand(64, 3, 32, 32), torch.randint(10, (64,)))),
}


def training_step(name, mode):
    make, data = TASKS[name]
    model = make()
    print(name, sum(p.numel() for p in model.parameters()), "parameters", file=sys.stderr)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    loss_of = torch.compile(model) if mode == "compile" else model
    batches = [data() for _ in range(4)]
    count = 0

    def step():
        nonlocal count
        optimiser.zero_grad(set_to_none=True)
        loss = loss_of(*batches[count % 4])
        loss.backward()
        optimiser.step()
        count += 1
        loss.item()

    return step


def ddim_sampler(mode):
    model = UNet()
    predict = torch.compile(model.predict) if mode == "compile" else model.predict
    kept = torch.cumprod(1 - torch.linspace(1e-4, 0.02, 1000), 0)

    @torch.no_grad()
    def sample():
        x = torch.randn(16, 1, 32, 32)
        for i in reversed(range(50)):
            now, after = kept[20 * i], kept[20 * i - 20] if i > 0 else torch.tensor(1.0)
            noise = predict(x, torch.full((16,), 20.0 * i))
            x = (x - noise * (1 - now).sqrt()) / now.sqrt() * after.sqrt() + noise * (1 - after).sqrt()
        x.sum().item()

    return sample


def decoder(mode):
    """A token of a Llama of SmolLM2's size a step, with a cache of 256 positions."""
    model = Llama(49152, 576, 1536, 30, 9, 3, 1e5, 1e-5).eval()
    cache = [tuple(torch.zeros(1, 3, 256, 64) for _ in range(2)) for _ in range(30)]
    logits_of = torch.compile(model.logits, dynamic=True) if mode == "compile" else model.logits
    position, token = 0, torch.tensor([[1]])

    @torch.no_grad()
    def step():
        nonlocal position, token
        position = 0 if position >= 200 else position
        token = logits_of(token, cache, position)[:, -1:].argmax(-1)
        position += 1
        token.item()

    return step


name, mode = sys.argv[1:]
take_turns({"ddim": ddim_sampler, "decode": decoder}[name](mode) if name in ("ddim", "decode") else training_step(name, mode))
