/** The atlas: every model at its published size, counted against figures that stand here, apart from the library's. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ATLAS, type AtlasModel, survey } from '../../lib/models';
import { random, tf } from '../../lib/runtime';

/** Name → parameters as others print them, and the shapes that come out. */
const PUBLISHED: Record<string, [parameters: number, ...outputs: string[]]> = {
  'VAE 784-400-20': [652_824, '1,20', '1,20', '1,784'],
  'VAE of Stable Diffusion': [83_653_863, '1,64,64,4', '1,64,64,4', '1,512,512,3'],
  'DCGAN, generator': [3_576_704, '1,64,64,3'],
  'DCGAN, discriminator': [2_765_568, '1'],
  'ResNet-20': [269_722, '1,10'],
  'ResNet-56': [853_018, '1,10'],
  'ResNet-110': [1_727_962, '1,10'],
  'U-Net of DDPM': [35_746_307, '1,32,32,3'],
  'U-Net of Stable Diffusion 1.5': [859_520_964, '1,64,64,4'],
  'DiT-S/2': [32_865_056, '1,32,32,8'],
  'DiT-B/2': [130_315_808, '1,32,32,8'],
  'DiT-L/2': [457_840_672, '1,32,32,8'],
  'DiT-XL/2': [674_834_720, '1,32,32,8'],
  'MMDiT of SD 3 medium': [2_028_328_000, '1,128,128,16'],
  'MMDiT of SD 3.5 large': [8_056_627_520, '1,128,128,16'],
  'FLUX.1 dev': [11_901_408_320, '1,128,128,16'],
  'ViT-B/32': [88_224_232, '1,1000'],
  'ViT-B/16': [86_567_656, '1,1000'],
  'ViT-L/16': [304_326_632, '1,1000'],
  'CLIP ViT-B/32': [151_277_313, '1,512', '1,512'],
  'CLIP ViT-B/16': [149_620_737, '1,512', '1,512'],
  'CLIP ViT-L/14': [427_616_513, '1,768', '1,768'],
  'CLIP ViT-L/14 at 336': [427_944_193, '1,768', '1,768'],
  'CLIP-L, text half': [123_060_480, '1,77,768'],
  'LSTM, large': [66_034_000, '1,35,10000'],
  'GPT-2': [124_439_808, '1,1024,50257'],
  'GPT-2 medium': [354_823_168, '1,1024,50257'],
  'GPT-2 large': [774_030_080, '1,1024,50257'],
  'GPT-2 XL': [1_557_611_200, '1,1024,50257'],
  'BERT-base': [109_482_240, '1,512,768', '1,768'],
  'BERT-large': [335_141_888, '1,512,1024', '1,1024'],
  'T5-small': [60_506_624, '1,114,32128'],
  'T5 1.1 XXL': [11_135_332_352, '1,114,32128'],
  'T5 1.1 XXL, encoder': [4_762_310_656, '1,77,4096'],
  'SmolLM2-135M': [134_515_008, '1,1024,49152'],
  'Qwen2.5-0.5B': [494_032_768, '1,1024,151936'],
  'Llama-3.2-1B': [1_235_814_400, '1,1024,128256'],
  'R1-Distill-Qwen-1.5B': [1_777_088_000, '1,1024,151936'],
};

/** Multiply-adds in billions as others print them, and how far their last digit lets ours lie. */
const STATED: Record<string, [billions: number, within: number]> = {
  'ViT-B/32': [4.41, 0.01], // torchvision
  'ViT-B/16': [17.56, 0.01],
  'ViT-L/16': [61.55, 0.01],
  'CLIP ViT-B/32': [14.78 / 2, 0.02], // open_clip's model_profile.csv counts two for each
  'CLIP ViT-B/16': [41.09 / 2, 0.02],
  'CLIP ViT-L/14': [175.33 / 2, 0.02],
  'CLIP ViT-L/14 at 336': [395.22 / 2, 0.02],
};

describe('the atlas', () => {
  it('has every model once', () => {
    assert.deepEqual(ATLAS.map(({ name }) => name).sort(), Object.keys(PUBLISHED).sort());
  });

  for (const model of ATLAS) {
    it(`${model.name}: parameters, shapes and counts as published`, () => {
      const found = survey(model);
      const [parameters, ...outputs] = PUBLISHED[model.name];
      assert.equal(found.parameters, parameters);
      assert.ok(Math.abs(parameters - model.published) < model.rounded, `published: ${model.published}`);
      assert.deepEqual(found.outputs.map(String), outputs);
      assert.ok(found.weightBytes >= 4 * parameters);
      const [billions, within] = STATED[model.name] ?? [found.multiplyAdds / 1e9, 0.01];
      assert.ok(Math.abs(found.multiplyAdds / 1e9 / billions - 1) < within, `${found.multiplyAdds} multiply-adds`);
    });
  }

  it('foretells the shapes of a real run', () => {
    const small = ATLAS.filter(({ name }) => /^(VAE 784|DCGAN|ResNet-20|LSTM)/.test(name));
    assert.equal(small.length, 5);
    for (const model of small) assert.deepEqual(realShapes(model), survey(model).outputs, model.name);
  });
});

function realShapes({ build, inputs, run }: AtlasModel): number[][] {
  const net = build();
  const shapes = tf.tidy(() => {
    const given = inputs.map(({ shape, below }) =>
      below ? random.integers([...shape], 0, below) : random.uniform([...shape]),
    );
    return [run(net, ...given)].flat().map(each => (each as tf.Tensor).shape);
  });
  net.dispose();
  return shapes;
}
