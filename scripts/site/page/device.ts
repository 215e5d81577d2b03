/** What computes: measured once for this browser, kept, shown, and switched by the reader. */
import type { Begin, Told } from '../../../lib/kernel/page/client';
import type { Bar } from './bar';
import { readSetting, versioned } from './start';
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

const later = <T>(ms: number, value: T): Promise<T> => new Promise(resolve => setTimeout(resolve, ms, value));

async function adapterOf(): Promise<Adapter | null | undefined> {
  const { gpu } = navigator as { gpu?: { requestAdapter(): Promise<Adapter | null> } };
  return Promise.race([gpu?.requestAdapter().catch(() => null), later(PATIENCE, undefined)]);
}

/** What WebGPU says of the card behind it. */
export async function adapterName(adapter = adapterOf()): Promise<string> {
  const { vendor = '', architecture = '', description = '' } = (await adapter)?.info ?? {};
  return [vendor, architecture, description].filter(Boolean).join(' ');
}

/** What stands behind WebGPU, if anything does. */
async function adapterKind(): Promise<'card' | 'program' | undefined> {
  const adapter = await adapterOf();
  if (!adapter) return undefined;
  const fallback = adapter.isFallbackAdapter || adapter.info?.isFallbackAdapter;
  return fallback || SOFTWARE.test(await adapterName(Promise.resolve(adapter))) ? 'program' : 'card';
}

/** What WebGL says of the card behind it; empty where there is no WebGL. */
export function cardName(): string {
  const gl = document.createElement('canvas').getContext('webgl2');
  const asked = gl?.getExtension('WEBGL_debug_renderer_info');
  const name = gl && String(gl.getParameter(asked ? asked.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl?.getExtension('WEBGL_lose_context')?.loseContext();
  return name ?? '';
}

/** Is a graphics card behind WebGL? */
function hasCard(): boolean {
  const name = cardName();
  return name !== '' && !SOFTWARE.test(name);
}

type Answer =
  | (Extract<Told, { kind: 'measured' }> & { threads: number })
  | Extract<Told, { kind: 'unable' }>
  /** Nothing in time, or it was stopped. */
  | { kind: 'none' };

/** A worker of its own computes on `device`, and is ended when it has answered. @param patience in ms */
export function askWorker(
  device: Device,
  base: string,
  question: { kind: 'measure'; task?: string; budget?: number },
  patience: number,
  signal?: AbortSignal,
): Promise<Answer> {
  const { build, language } = readSetting().setting;
  const env = { LAB_DEVICE: device };
  const notebook = `notebooks/${language === 'zh' ? 'zh/' : ''}measure.ipynb`; // by which the worker knows its language
  const begin: Begin = { site: base, build, notebook, env, cells: [] };
  const worker = new Worker(versioned(base, 'runner.js'), { name: JSON.stringify(begin) });
  let threads = 1;
  return new Promise<Answer>(resolve => {
    setTimeout(resolve, patience, { kind: 'none' });
    signal?.addEventListener('abort', () => resolve({ kind: 'none' }));
    worker.onerror = ({ message }) => resolve({ kind: 'unable', why: message });
    worker.onmessage = ({ data }: MessageEvent<Told>) => {
      if (data.kind === 'ready') worker.postMessage(question);
      else if (data.kind === 'threads') threads = data.count;
      else if (data.kind === 'measured') resolve({ ...data, threads });
      else if (data.kind === 'unable') resolve(data);
    };
  }).finally(() => worker.terminate());
}

/** Undefined where the device does not compute. */
async function timeOf(device: Device, base: string): Promise<number | undefined> {
  const answer = await askWorker(device, base, { kind: 'measure' }, PATIENCE);
  return answer.kind === 'measured' ? answer.ms : undefined;
}

/** What is worth measuring: cards, and WebAssembly to compare them with. @param all programs that play a card, too */
async function candidates(all: boolean): Promise<Device[]> {
  const found: Device[] = [];
  const webgpu = await adapterKind();
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
    bar.say('');
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
