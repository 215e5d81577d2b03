/** What computes: shown by the first cell of every lesson. */
import { hostVersion, os } from '../platform';
import { DISPLAY, type Displayable, type MimeBundle } from './display';
import { gpus } from './gpus';
import { html } from './html';
import { random } from './random';
import { binding, type DeviceKind, engine, isNative, tf } from './tensorflow';
import { wasmThreads } from './wasm-threads';

/**
 * @example device.backend
 */
export class DeviceInfo implements Displayable {
  /** tfjs's name of the backend: 'tensorflow', 'webgpu', 'webgl', 'wasm' or 'cpu'. */
  readonly backend: string = { cuda: 'tensorflow', cpu: 'tensorflow', js: 'cpu' }[engine.kind as string] ?? engine.kind;
  readonly kind: DeviceKind = engine.kind;
  /** Name of the GPU, where one computes. */
  readonly gpu?: string = engine.kind === 'cuda' ? gpus()[0]?.name : undefined;
  readonly versions: Record<string, string> = {
    ...(isNative() ? { TensorFlow: binding().TF_Version } : {}),
    tfjs: tf.version.tfjs,
    ...hostVersion(),
  };

  /** Threads that one operation is spread over; in a page they are there when `start` has come to its end. */
  get threads(): number {
    if (isNative()) return Number(process.env.TF_NUM_INTRAOP_THREADS) || os.availableParallelism();
    return this.kind === 'wasm' ? wasmThreads() : 1;
  }

  /** One line: the device and the versions. */
  get description(): string {
    const threads = `${this.threads} thread${this.threads === 1 ? '' : 's'}`;
    const what = {
      cuda: `GPU ${this.gpu ?? ''} (CUDA)`,
      cpu: `CPU, ${threads}`,
      webgpu: 'WebGPU',
      webgl: 'WebGL',
      wasm: `WebAssembly, ${threads}`,
      js: 'plain JavaScript, 1 thread',
    }[this.kind];
    const versions = Object.entries(this.versions).map(([name, version]) => `${name} ${version}`);
    return [what, ...versions].join(' · ');
  }

  toString(): string {
    return this.description;
  }

  [DISPLAY](): MimeBundle {
    const { note } = engine;
    return {
      'text/plain': note ? `${this.description}\n${note}` : this.description,
      'text/html': html`<div class="latentlab-device">${this.description}${note ? html`<br>${note}` : ''}</div>`.source,
    };
  }
}

export const device = new DeviceInfo();

/**
 * First cell of every lesson: waits until the device can compute, seeds all generators; the device that it returns shows itself.
 * @example await start({ seed: 1 })
 */
export async function start({ seed = 0 }: { seed?: number } = {}): Promise<DeviceInfo> {
  await engine.ready;
  random.seed(seed);
  return device;
}
