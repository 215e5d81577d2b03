/** The chart of docs/compile.md, from the rows that `npm run bench -- --json FILE` keeps. */
import { groupedBars } from '../../lib/plot';
import type { Row } from './report';

const TASKS: Record<string, string> = {
  vae: 'VAE',
  cnn: 'CNN',
  unet: 'U-Net',
  gpt: 'GPT',
  vit: 'ViT',
  ddim: '50 DDIM steps',
};
const REFERENCES: Record<string, string> = {
  torch: 'PyTorch',
  'torch-compile': 'torch.compile',
  keras: 'Keras 3',
  'keras-xla': 'Keras 3, XLA',
};
const METRIC = /^ms per step, \S+ \/ (\S+)$/;

/** SVG source: our time ÷ that of each reference, for each task. */
export async function ratioChart(rows: Row[]): Promise<string> {
  const groups: Record<string, Record<string, number>> = {};
  for (const { name, metric, ratio } of rows) {
    const reference = REFERENCES[METRIC.exec(metric)?.[1] ?? ''];
    if (!reference || !TASKS[name]) continue;
    groups[reference] ??= {};
    groups[reference][TASKS[name]] = ratio;
  }
  if (Object.keys(groups).length === 0)
    throw new Error('no row compares a step with PyTorch or Keras; run npm run bench -- --json FILE first');
  const title = 'Time of a compiled step ÷ time of the same step elsewhere (below 1: ours is faster)';
  const top = Math.max(1, ...Object.values(groups).flatMap(Object.values)) * 1.1;
  const figure = await groupedBars(groups, { title, yTitle: 'ratio', width: 760, format: '.2f', yDomain: [0, top] });
  return figure.svg!;
}
