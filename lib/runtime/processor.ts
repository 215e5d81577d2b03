/**
 * Which of TensorFlow's two sets of kernels serves on this processor: those of oneDNN, or its own (Eigen's).
 *
 * TensorFlow decides by features that only newer processors have (`DefaultOneDnnPolicy` in tensorflow/core/util/port.cc:
 * on Linux AVX512_VNNI, AVX512_BF16, AVX_VNNI, AMX, or ARM's Neoverse V1), so that a processor with AVX2 and nothing
 * newer, which most readers have, trains a U-Net at half the speed it could. oneDNN has had AVX2 code all along.
 */
import { execFileSync, fs } from '../platform';

/** Processor features that decide something here, by their names in Linux's /proc/cpuinfo. */
const TELLING = ['avx', 'avx2', 'fma', 'avx512f', 'avx512_vnni', 'avx512_bf16', 'avx_vnni', 'amx_tile', 'sve', 'asimd'];

export interface Processor {
  model: string;
  /** Those of `TELLING` that it has. */
  features: string[];
}

/** This machine's processor; without features where the system does not tell. */
export function processor(): Processor {
  if (process.platform === 'linux') return parseCpuInfo(fs.readFileSync('/proc/cpuinfo', 'utf8'));
  if (process.platform !== 'darwin') return { model: process.env.PROCESSOR_IDENTIFIER ?? process.arch, features: [] };
  const ask = (name: string): string => {
    try {
      return execFileSync('sysctl', ['-n', name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      return '';
    }
  };
  const flags = `${ask('machdep.cpu.features')} ${ask('machdep.cpu.leaf7_features')}`
    .toLowerCase()
    .replaceAll('.', '_');
  return { model: ask('machdep.cpu.brand_string') || process.arch, features: telling(flags) };
}

/** @param text what stands in /proc/cpuinfo; x86 names its features `flags`, ARM `Features` */
export function parseCpuInfo(text: string): Processor {
  const field = (name: RegExp) => new RegExp(`^${name.source}\\s*:(.*)$`, 'mi').exec(text)?.[1].trim();
  return {
    model: field(/model name/) ?? field(/cpu part/) ?? process.arch,
    features: telling(field(/(?:flags|features)/) ?? ''),
  };
}

function telling(flags: string): string[] {
  const present = new Set(flags.split(/\s+/).map(flag => (flag === 'avx1_0' ? 'avx' : flag)));
  return TELLING.filter(feature => present.has(feature));
}

/**
 * What TF_ENABLE_ONEDNN_OPTS should be: '1' on Linux with AVX2 (measured in docs/compile.md: much less for convolutions,
 * about the same for the rest);
 * undefined leaves TensorFlow's own choice, where nothing was measured or the library has no oneDNN (macOS).
 */
export function oneDnnSetting({ features }: Processor, platform: NodeJS.Platform = process.platform): '1' | undefined {
  return platform === 'linux' && features.includes('avx2') ? '1' : undefined;
}

/** In words, for the doctor and the bench: 'AVX2, AVX-512; oneDNN'. */
export function describeProcessor({ features }: Processor, setting = process.env.TF_ENABLE_ONEDNN_OPTS): string {
  const has = (feature: string) => features.includes(feature);
  const names = [
    has('avx2') ? 'AVX2' : has('avx') ? 'AVX' : '',
    has('avx512f') ? 'AVX-512' : '',
    has('avx512_vnni') || has('avx_vnni') ? 'VNNI' : '',
    has('amx_tile') ? 'AMX' : '',
    has('sve') ? 'SVE' : has('asimd') ? 'NEON' : '',
  ].filter(Boolean);
  const kernels = { '1': 'oneDNN', true: 'oneDNN', '0': "TensorFlow's own", false: "TensorFlow's own" }[setting ?? ''];
  return `${names.join(', ') || 'features unknown'}; kernels: ${kernels ?? "TensorFlow's choice"}`;
}
