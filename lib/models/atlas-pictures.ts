/** The atlas's models that take or make pictures. */
import type { tf } from '../runtime';
import { type AtlasModel, entry, floats, ids, which } from './atlas-model';
import { AutoencoderKL, SD_VAE } from './autoencoder-kl';
import { CLIP, Clip, ClipTextModel } from './clip';
import { ConditionalUNet, SD15_UNET } from './conditional-unet';
import { DcganDiscriminator, DcganGenerator, PYTORCH_DCGAN } from './dcgan';
import { DIT, Dit } from './dit';
import { FLUX, Flux } from './flux';
import { MMDIT, Mmdit } from './mmdit';
import { ResNet } from './resnet';
import { CIFAR10_UNET, UNet } from './unet';
import { PYTORCH_VAE, Vae } from './vae';
import { VIT, Vit } from './vit';

const KINGMA = { year: 2014, paper: 'Kingma & Welling' };
const RADFORD_GAN = { family: 'GAN', year: 2016, paper: 'Radford et al.', lesson: 11 } as const;
const ROMBACH = { year: 2022, paper: 'Rombach et al.' };
const NOISE = floats(1, PYTORCH_DCGAN.latent);
const PHOTO = floats(1, 224, 224, 3);
/** Of 1,024 × 1,024 pixels. */
const LARGE_LATENTS = floats(1, 128, 128, 16);
const TIME = floats(1);

/** Mean and log variance of the code, and the picture that the mean decodes to. */
function throughMean(net: Vae | AutoencoderKL, x: tf.Tensor): tf.Tensor[] {
  const { mean, logVar } = net.encode(x);
  return [mean, logVar, net.decode(mean)];
}

export const PICTURES: readonly AtlasModel[] = [
  entry({
    ...KINGMA,
    name: 'VAE 784-400-20',
    family: 'auto-encoder',
    lesson: 10,
    published: 652_824,
    inputs: [floats(1, 784)],
    build: () => new Vae(PYTORCH_VAE),
    run: throughMean,
  }),
  entry({
    ...ROMBACH,
    name: 'VAE of Stable Diffusion',
    family: 'auto-encoder',
    lesson: 13,
    published: 83_653_863,
    inputs: [floats(1, 512, 512, 3)],
    build: () => new AutoencoderKL(SD_VAE),
    run: throughMean,
  }),
  entry({
    ...RADFORD_GAN,
    name: 'DCGAN, generator',
    published: 3_576_704,
    inputs: [NOISE],
    build: () => new DcganGenerator(PYTORCH_DCGAN),
    run: (net, z) => net.forward(z),
  }),
  entry({
    ...RADFORD_GAN,
    name: 'DCGAN, discriminator',
    published: 2_765_568,
    inputs: [floats(1, 64, 64, 3)],
    build: () => new DcganDiscriminator(PYTORCH_DCGAN),
    run: (net, x) => net.forward(x),
  }),
  ...(
    [
      [20, 269_722],
      [56, 853_018],
      [110, 1_727_962],
    ] as const
  ).map(([depth, published]) =>
    entry({
      name: `ResNet-${depth}`,
      family: 'convolution',
      year: 2016,
      paper: 'He et al.',
      lesson: 7,
      published,
      inputs: [floats(1, 32, 32, 3)],
      build: () => new ResNet({ depth }),
      run: (net, x) => net.forward(x),
    }),
  ),
  entry({
    name: 'U-Net of DDPM',
    family: 'diffusion',
    year: 2020,
    paper: 'Ho et al.',
    lesson: 12,
    published: 35_746_307,
    inputs: [floats(1, 32, 32, 3), which(1000)],
    build: () => new UNet(CIFAR10_UNET),
    run: (net, x, t) => net.forward(x, t),
  }),
  entry({
    ...ROMBACH,
    name: 'U-Net of Stable Diffusion 1.5',
    family: 'diffusion',
    lesson: 14,
    published: 859_520_964,
    inputs: [floats(1, 64, 64, 4), which(1000), floats(1, 77, 768)],
    build: () => new ConditionalUNet(SD15_UNET),
    run: (net, x, t, words) => net.forward(x, t, words),
  }),
  ...(
    [
      ['DiT-S/2', 'small', 32_865_056],
      ['DiT-B/2', 'base', 130_315_808],
      ['DiT-L/2', 'large', 457_840_672],
      ['DiT-XL/2', 'xlarge', 674_834_720],
    ] as const
  ).map(([name, size, published]) =>
    entry({
      name,
      family: 'diffusion',
      year: 2023,
      paper: 'Peebles & Xie',
      lesson: 13,
      published,
      inputs: [floats(1, 32, 32, 4), which(1000), which(1000)],
      build: () => new Dit(DIT[size]),
      run: (net, x, t, y) => net.forward(x, t, y),
    }),
  ),
  ...(
    [
      ['MMDiT of SD 3 medium', 'sd3Medium', 2_028_328_000],
      ['MMDiT of SD 3.5 large', 'sd35Large', 8_056_627_520],
    ] as const
  ).map(([name, size, published]) =>
    entry({
      name,
      family: 'diffusion',
      year: 2024,
      paper: 'Esser et al.',
      lesson: 13,
      published,
      inputs: [LARGE_LATENTS, TIME, floats(1, 77 + 256, 4096), floats(1, 2048)], // two CLIPs' tokens and T5's; the CLIPs' vectors
      build: () => new Mmdit(MMDIT[size]),
      run: (net, x, t, text, pooled) => net.forward(x, t, text, pooled),
    }),
  ),
  entry({
    name: 'FLUX.1 dev',
    family: 'diffusion',
    year: 2024,
    paper: 'Black Forest Labs',
    lesson: 13,
    published: 11_901_408_320,
    inputs: [LARGE_LATENTS, TIME, floats(1, 512, 4096), floats(1, 768), TIME],
    build: () => new Flux(FLUX.dev),
    run: (net, x, t, text, pooled, guidance) => net.forward(x, t, text, pooled, guidance),
  }),
  ...(
    [
      ['ViT-B/32', 'base32', 88_224_232],
      ['ViT-B/16', 'base16', 86_567_656],
      ['ViT-L/16', 'large16', 304_326_632],
    ] as const
  ).map(([name, size, published]) =>
    entry({
      name,
      family: 'picture and text',
      year: 2021,
      paper: 'Dosovitskiy et al.',
      lesson: 18,
      published,
      inputs: [PHOTO],
      build: () => new Vit(VIT[size]),
      run: (net, x) => net.forward(x),
    }),
  ),
  ...(
    [
      ['CLIP ViT-B/32', 'base32', 151_277_313],
      ['CLIP ViT-B/16', 'base16', 149_620_737],
      ['CLIP ViT-L/14', 'large14', 427_616_513],
      ['CLIP ViT-L/14 at 336', 'large14at336', 427_944_193],
    ] as const
  ).map(([name, size, published]) =>
    entry({
      name,
      family: 'picture and text',
      year: 2021,
      paper: 'Radford et al.',
      lesson: 18,
      published,
      inputs: [floats(1, CLIP[size].vision.image, CLIP[size].vision.image, 3), ids(77, 49_408)],
      build: () => new Clip(CLIP[size]),
      run: (net, x, text) => [net.embedImages(x), net.embedTexts(text)],
    }),
  ),
  entry({
    name: 'CLIP-L, text half',
    family: 'picture and text',
    year: 2021,
    paper: 'Radford et al.',
    lesson: 14,
    published: 123_060_480,
    inputs: [ids(77, 49_408)],
    build: () => new ClipTextModel(CLIP.large14.text),
    run: (net, text) => net.forward(text),
  }),
];
