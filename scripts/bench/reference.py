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


TASKS = {
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


name, mode = sys.argv[1:]
take_turns(ddim_sampler(mode) if name == "ddim" else training_step(name, mode))
