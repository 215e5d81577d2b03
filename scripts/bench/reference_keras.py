"""The same steps in Keras 3 on TensorFlow: reference_keras.py TASK keras|keras-xla. Protocol: see worker.ts."""
import math
import os
import sys

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from turns import take_turns

tf.config.threading.set_intra_op_parallelism_threads(2)
tf.config.threading.set_inter_op_parallelism_threads(2)
keras.utils.set_random_seed(1)
drawn = np.random.default_rng(1)


class Vae(keras.Model):
    def __init__(self):
        super().__init__()
        self.encode = layers.Dense(400, activation="relu")
        self.mean, self.log_var = layers.Dense(20), layers.Dense(20)
        self.decode = keras.Sequential([layers.Dense(400, activation="relu"), layers.Dense(784)])
        self.seed = keras.random.SeedGenerator(1)

    def call(self, x):
        h = self.encode(x)
        mean, log_var = self.mean(h), self.log_var(h)
        z = mean + keras.random.normal(ops.shape(mean), seed=self.seed) * ops.exp(0.5 * log_var)
        return self.decode(z), mean, log_var

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        logits, mean, log_var = y_pred
        bce = ops.sum(ops.softplus(logits) - logits * x, -1)
        kl = 0.5 * ops.sum(mean**2 + ops.exp(log_var) - log_var - 1, -1)
        return ops.mean(bce + kl)


def cnn():
    return keras.Sequential([
        keras.Input((28, 28, 1)),
        layers.Conv2D(32, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(64, 3, padding="same", activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(128, activation="relu"), layers.Dense(10),
    ])


def group_norm(x):
    return layers.GroupNormalization(8, epsilon=1e-5)(x)


def conv(x, width, kernel=3, strides=1):
    return layers.Conv2D(width, kernel, strides, padding="same")(x)


def resnet_block(x, t, outputs):
    h = conv(ops.silu(group_norm(x)), outputs) + layers.Dense(outputs)(ops.silu(t))[:, None, None, :]
    h = conv(ops.silu(group_norm(h)), outputs)
    return (x if x.shape[-1] == outputs else conv(x, outputs, 1)) + h


def spatial_attention(x):
    _, height, wide, width = x.shape
    rows = layers.Reshape((height * wide, 1, width))(group_norm(x))  # one head
    q, k, v = (layers.Dense(width)(rows) for _ in range(3))
    mixed = layers.Dense(width)(ops.dot_product_attention(q, k, v))
    return x + layers.Reshape((height, wide, width))(mixed)


def noise_predictor(base=32, mults=(1, 2, 2)):
    """As lib/models/unet.ts with base 32, mults [1, 2, 2], one block, attention in the middle."""
    x, steps = keras.Input((32, 32, 1)), keras.Input(())
    half, last = base // 2, len(mults) - 1
    angles = steps[:, None] * np.exp(-math.log(10000) * np.arange(half) / (half - 1)).astype("float32")
    t = layers.Dense(4 * base, activation="silu")(ops.concatenate([ops.sin(angles), ops.cos(angles)], 1))
    t = layers.Dense(4 * base)(t)
    h = conv(x, base)
    skips = [h]
    for level, mult in enumerate(mults):
        h = resnet_block(h, t, base * mult)
        skips.append(h)
        if level < last:
            h = conv(h, base * mult, strides=2)
            skips.append(h)
    h = resnet_block(spatial_attention(resnet_block(h, t, h.shape[-1])), t, h.shape[-1])
    for level in reversed(range(len(mults))):
        for _ in range(2):
            h = resnet_block(layers.Concatenate()([h, skips.pop()]), t, base * mults[level])
        if level > 0:
            h = conv(layers.UpSampling2D()(h), base * mults[level])
    return keras.Model([x, steps], conv(ops.silu(group_norm(h)), 1))


class UNet(keras.Model):
    def __init__(self):
        super().__init__()
        self.predictor = noise_predictor()
        self.seed = keras.random.SeedGenerator(1)

    def call(self, inputs):
        x, t = inputs
        noise = keras.random.normal(ops.shape(x), seed=self.seed)
        return self.predictor([x + noise, t]), noise

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        predicted, noise = y_pred
        return ops.mean((predicted - noise) ** 2)


def block(x, causal, width=128, heads=4):
    h = layers.LayerNormalization(epsilon=1e-5)(x)
    x = x + layers.MultiHeadAttention(heads, width // heads)(h, h, use_causal_mask=causal)
    h = layers.Dense(4 * width)(layers.LayerNormalization(epsilon=1e-5)(x))
    return x + layers.Dense(width)(ops.gelu(h, approximate=causal))


class Tied(layers.Layer):
    """Logits from the embedding's own weights."""

    def __init__(self, embedding):
        super().__init__()
        self.embedding = embedding

    def call(self, x):
        return ops.matmul(x, ops.transpose(self.embedding.embeddings))


class Learnt(layers.Layer):
    """Adds a learnt row to each position, after a learnt first token where `token`."""

    def __init__(self, length, token=False, width=128):
        super().__init__()
        self.rows = self.add_weight(shape=(1, length, width), initializer="random_normal")
        self.token = self.add_weight(shape=(1, 1, width), initializer="zeros") if token else None

    def call(self, x):
        if self.token is not None:
            x = ops.concatenate([ops.repeat(self.token, ops.shape(x)[0], 0), x], 1)
        return x + self.rows


def gpt(vocab=65, context=64, depth=4, width=128):
    ids = keras.Input((context,), dtype="int32")
    embedding = layers.Embedding(vocab, width)
    x = Learnt(context)(embedding(ids))
    for _ in range(depth):
        x = block(x, True)
    return keras.Model(ids, Tied(embedding)(layers.LayerNormalization(epsilon=1e-5)(x)))


def vit(image=32, patch=4, depth=4, width=128):
    pictures = keras.Input((image, image, 3))
    rows = layers.Reshape((-1, width))(layers.Conv2D(width, patch, patch)(pictures))
    x = Learnt((image // patch) ** 2 + 1, token=True)(rows)
    for _ in range(depth):
        x = block(x, False)
    return keras.Model(pictures, layers.Dense(10)(layers.LayerNormalization(epsilon=1e-5)(x)[:, 0]))


def pictures(*shape):
    return drawn.random(shape, dtype="float32")


def classes(below, *shape):
    return drawn.integers(below, size=shape).astype("int32")


TASKS = {
    "vae": (Vae, lambda: (pictures(128, 784), None)),
    "cnn": (cnn, lambda: (pictures(128, 28, 28, 1), classes(10, 128))),
    "unet": (UNet, lambda: ([pictures(32, 32, 32, 1), classes(1000, 32).astype("float32")], None)),
    "gpt": (gpt, lambda: (classes(65, 12, 64), classes(65, 12, 64))),
    "vit": (vit, lambda: (pictures(64, 32, 32, 3), classes(10, 64))),
}


def training_step(name, mode):
    make, data = TASKS[name]
    model = make()
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True) if name in ("cnn", "gpt", "vit") else None
    model.compile(keras.optimizers.Adam(1e-3), loss, jit_compile=mode == "keras-xla")
    batches = [data() for _ in range(4)]
    count = 0

    def step():
        nonlocal count
        x, y = batches[count % 4]
        count += 1
        return float(model.train_on_batch(x, y))

    step()
    print(name, model.count_params(), "parameters", file=sys.stderr)
    return step


def ddim_sampler(mode):
    model = noise_predictor()
    kept = np.cumprod(1 - np.linspace(1e-4, 0.02, 1000)).astype("float32")

    @tf.function(jit_compile=mode == "keras-xla")
    def denoise(x, t, now, after):
        noise = model([x, tf.fill([16], t)])
        return (x - noise * tf.sqrt(1 - now)) / tf.sqrt(now) * tf.sqrt(after) + noise * tf.sqrt(1 - after)

    def sample():
        x = tf.random.normal([16, 32, 32, 1])
        for i in reversed(range(50)):
            after = kept[20 * i - 20] if i > 0 else np.float32(1)
            x = denoise(x, *map(tf.constant, (np.float32(20 * i), kept[20 * i], after)))
        return x.numpy()

    return sample


name, mode = sys.argv[1:]
take_turns(ddim_sampler(mode) if name == "ddim" else training_step(name, mode))
