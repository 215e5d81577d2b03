/** What is compared with what, and what was promised. */

/** The other ways, as the modes of bench.ts name them, and as a reader knows them. */
export const REFERENCES = {
  torch: 'PyTorch',
  'torch-compile': 'torch.compile',
  keras: 'Keras 3',
  'keras-xla': 'Keras 3 + XLA',
  transformers: 'transformers',
};
export type Reference = keyof typeof REFERENCES;

export interface Goal {
  torch: number;
  compile?: number;
  keras?: number;
  transformers?: number;
}

export interface Task {
  short: string;
  long: string;
  /** Most that our time may be in parts of PyTorch's, of torch.compile's, of the faster of Keras' two ways, and of transformers'. */
  goal?: Goal;
  /** Most that the peak of our memory, without XLA, may be in parts of PyTorch's. */
  memory?: number;
  /** Whether reference_keras.py has it, and reference_transformers.py. */
  keras?: boolean;
  transformers?: boolean;
}

const AS_FAST = { torch: 1, compile: 1.2 };
const OF_KERAS = { keras: 1 };

/** What `npm run bench` compares. */
export const COMPARED: Record<string, Task> = {
  vae: {
    short: 'VAE',
    long: 'VAE 784-400-20, batch 128',
    goal: { torch: 0.8, compile: 1.2, ...OF_KERAS },
    memory: 1.3,
    keras: true,
  },
  cnn: { short: 'CNN', long: 'CNN 28×28, batch 128', goal: { ...AS_FAST, ...OF_KERAS }, memory: 1.3, keras: true },
  unet: {
    short: 'U-Net',
    long: 'U-Net 32×32, base 32, batch 32',
    goal: { ...AS_FAST, ...OF_KERAS },
    memory: 1.3,
    keras: true,
  },
  gpt: {
    short: 'GPT',
    long: 'character GPT, 4 layers, width 128, 12 × 64 tokens',
    goal: { ...AS_FAST, ...OF_KERAS },
    memory: 1.3,
    keras: true,
  },
  vit: {
    short: 'ViT',
    long: 'ViT 32×32, patches of 4, 4 layers, width 128, batch 64',
    goal: { ...AS_FAST, ...OF_KERAS },
    memory: 1.3,
    keras: true,
  },
  ddim: { short: '50 DDIM steps', long: '50 DDIM steps of the U-Net, 16 pictures', keras: true },
  lstm: { short: 'LSTM', long: 'character LSTM, width 256, 32 × 64 tokens', goal: AS_FAST },
  llama: { short: 'Llama', long: 'character Llama, 4 layers, width 128, 12 × 64 tokens', goal: AS_FAST },
  t5: { short: 'T5', long: 'T5 v1.1, 2 + 2 layers, width 128, 16 × 36 → 30 tokens', goal: AS_FAST },
  decode: {
    short: 'a token',
    long: 'a token of SmolLM2-135M, cached',
    goal: { torch: 1, transformers: 1 },
    transformers: true,
  },
};
