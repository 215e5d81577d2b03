/** The nets that were tried for lesson 14's text-to-image model; docs/painter-trials.md holds what each gave. */
import type { ConditionalUNetConfig } from '../../lib/models';
import { THING_UNET } from '../../lib/models/thing-painter';

export interface Trial {
  unet?: Partial<ConditionalUNetConfig>;
  /** Weights of steps: all alike, or min(SNR, 5)/(SNR + 1) (Hang et al. 2023, section 3.4, for v). */
  minSnr?: boolean;
}

const TRIALS: Record<string, Trial> = {
  'thing-painter': {},
  same: {},
  'no-layout': { unet: { layout: undefined } },
  'words-only': { unet: { layout: undefined, pooled: false } },
  'words-at-8': { unet: { attention: [1, 2] } },
  patches: { unet: { channels: 48, widths: [64, 96], attention: [1] } },
  wider: { unet: { widths: [48, 96, 96] } },
  'min-snr': { minSnr: true },
};

/** A trial by its name. @throws Error where there is none */
export function trialOf(name: string): Trial {
  const trial = TRIALS[name];
  if (trial) return trial;
  throw new Error(`no trial named ${name}; there are ${Object.keys(TRIALS).join(', ')}`);
}

export const trialUnet = (name: string): ConditionalUNetConfig => ({ ...THING_UNET, ...trialOf(name).unet });
