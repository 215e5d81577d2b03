/** What computes: measured once for this browser, kept, shown, and switched by the reader. */
import type { Begin, Told } from '../../../lib/kernel/page/client';
import type { Bar } from './bar';
import { keptIn } from './store';
import type { Words } from './words';

/** In the order in which they are asked; of two that are equally fast the first is taken. */
export const DEVICES = ['webgpu', 'webgl', 'wasm', 'js'] as const;
export type Device = (typeof DEVICES)[number];

/** Milliseconds of a training step; a device that is not there, or was not measured, has none. */
export type Times = Partial<Record<Device, number>>;

interface Kept {
  chosen: Device;
  times: Times;
}

/** A device that has not answered by then, in ms, is none. */
const PATIENCE = 15_000;

/** The fastest; WebAssembly where nothing was measured. */
export function fastest(times: Times): Device {
  const measured = DEVICES.filter(name => Number.isFinite(times[name]));
  return measured.reduce<Device>((best, name) => (times[name]! < times[best]! ? name : best), measured[0] ?? 'wasm');
}

/** What is written in the browser, where it is of any use. */
export function readKept(text: string | undefined): Kept | undefined {
  try {
    const kept = JSON.parse(text ?? '') as Partial<Kept>;
    return kept.chosen && DEVICES.includes(kept.chosen) ? { chosen: kept.chosen, times: kept.times ?? {} } : undefined;
  } catch {
    return undefined;
  }
}

/** A program that plays a graphics card is slower than WebAssembly, and slow to begin. */
const SOFTWARE = /swiftshader|llvmpipe|software|basic render/i;

interface Adapter {
  isFallbackAdapter?: boolean;
  info?: { isFallbackAdapter?: boolean; vendor: string; architecture: string; description: string };
}

/** What stands behind WebGPU, if anything does. */
async function adapterKind(): Promise<'card' | 'program' | undefined> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<Adapter | null> } };
  const adapter = await gpu?.requestAdapter().catch(() => null);
  if (!adapter) return undefined;
  const { info } = adapter;
  const name = info ? `${info.vendor} ${info.architecture} ${info.description}` : '';
  return adapter.isFallbackAdapter || info?.isFallbackAdapter || SOFTWARE.test(name) ? 'program' : 'card';
}

/** Is a graphics card behind WebGL? */
function hasCard(): boolean {
  const gl = document.createElement('canvas').getContext('webgl2');
  const asked = gl?.getExtension('WEBGL_debug_renderer_info');
  const name = gl && String(gl.getParameter(asked ? asked.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl?.getExtension('WEBGL_lose_context')?.loseContext();
  return Boolean(name) && !SOFTWARE.test(name!);
}

/** A worker of its own measures; undefined where the device does not compute. */
function timeOf(device: Device, base: string): Promise<number | undefined> {
  const begin: Begin = { site: base, notebook: 'notebooks/measure.ipynb', env: { LAB_DEVICE: device }, cells: [] };
  const worker = new Worker(`${base}runner.js`, { name: JSON.stringify(begin) });
  return new Promise<number | undefined>(resolve => {
    setTimeout(resolve, PATIENCE);
    worker.onerror = () => resolve(undefined);
    worker.onmessage = ({ data }: MessageEvent<Told>) => {
      if (data.kind === 'ready') worker.postMessage({ kind: 'measure' });
      else if (data.kind === 'measured') resolve(data.ms);
      else if (data.kind === 'unable') resolve(undefined);
    };
  }).finally(() => worker.terminate());
}

/** What is worth measuring: cards, and WebAssembly to compare them with. @param all programs that play a card, too */
async function candidates(all: boolean): Promise<Device[]> {
  const found: Device[] = [];
  const webgpu = await Promise.race([adapterKind(), new Promise<undefined>(resolve => setTimeout(resolve, PATIENCE))]);
  if (webgpu === 'card' || (all && webgpu)) found.push('webgpu');
  if (all || hasCard()) found.push('webgl');
  return found.length > 0 || all ? [...found, 'wasm'] : [];
}

/** One after the other: two at a time would slow each other down. */
async function measureDevices(base: string, devices: readonly Device[]): Promise<Times> {
  const times: Times = {};
  for (const name of devices) {
    const time = await timeOf(name, base);
    if (time !== undefined) times[name] = time;
  }
  return times;
}

/**
 * The device to compute with, shown in the bar: the one that was chosen before, or else the fastest.
 * @param wanted a device, 'measure' for measuring anew, or null
 */
export async function chooseDevice(
  bar: Bar,
  base: string,
  words: Words,
  wanted: string | null,
  choose: (name: Device) => void,
): Promise<string> {
  const store = keptIn('device');
  let kept = wanted === 'measure' ? undefined : readKept(store.get());
  const asked = kept || (wanted !== null && wanted !== 'measure') ? [] : await candidates(wanted === 'measure');
  if (asked.length > 0) {
    bar.say(words.measuring);
    const times = await measureDevices(base, asked);
    kept = { chosen: fastest(times), times };
    store.set(JSON.stringify(kept));
  }
  const { chosen, times } = kept ?? { chosen: 'wasm', times: {} };
  const taken = wanted === null || wanted === 'measure' ? chosen : wanted;
  const time = (name: string): string => {
    const ms = times[name as Device];
    return ms === undefined ? '' : ` · ${ms.toPrecision(2)} ms`;
  };
  bar.devices(DEVICES, taken, time, name => {
    store.set(JSON.stringify({ chosen: name, times }));
    choose(name as Device);
  });
  return taken;
}
