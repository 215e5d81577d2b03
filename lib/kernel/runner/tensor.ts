/** Tensors below a cell: shape, type and range; values; pictures where the shape says picture. Knows tensors by their looks, not by import. */
import { PNG } from 'pngjs';
import type { MimeBundle } from '../../runtime/display';
import { rounded } from '../../runtime/numbers';

interface TensorLike {
  dataId: object;
  dtype: string;
  shape: number[];
  size: number;
  isDisposed: boolean;
  name?: string;
  data(): Promise<ArrayLike<number> | string[]>;
  toString(verbose?: boolean): string;
}

export function isTensor(value: unknown): value is TensorLike {
  const tensor = value as Partial<TensorLike> | null;
  return (
    typeof tensor === 'object' &&
    tensor !== null &&
    'dataId' in tensor &&
    Array.isArray(tensor.shape) &&
    typeof tensor.data === 'function'
  );
}

export async function showTensor(tensor: TensorLike): Promise<MimeBundle> {
  const kind = tensor.name === undefined ? 'Tensor' : `Variable ${tensor.name}`;
  const title = `${kind} ${tensor.dtype} [${tensor.shape.join(', ')}]`;
  if (tensor.isDisposed) return { 'text/plain': `${title} (disposed)` };
  const values = await tensor.data();
  if (tensor.dtype === 'string' || tensor.dtype === 'complex64')
    return { 'text/plain': `${title}\n${tensor.toString()}` };
  const numbers = values as ArrayLike<number>;
  const summary = tensor.size > 1 ? `${title}  ${range(numbers)}` : title;
  const bundle: MimeBundle = { 'text/plain': `${summary}\n${tensor.toString().replace(/^Tensor\n/, '')}` };
  const picture = pictures(tensor, numbers);
  if (picture) {
    bundle['image/png'] = picture.png.toString('base64');
    bundle['text/plain'] += `\nin the picture ${picture.black} is black, ${picture.white} is white`;
  }
  return bundle;
}

function range(values: ArrayLike<number>): string {
  let [min, max, sum, odd] = [Infinity, -Infinity, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isFinite(value)) odd++;
    else {
      min = Math.min(min, value);
      max = Math.max(max, value);
      sum += value;
    }
  }
  const finite = values.length - odd;
  const text = finite ? `min ${rounded(min)}  max ${rounded(max)}  mean ${rounded(sum / finite)}` : 'no finite value';
  return odd ? `${text}  (${odd} not finite)` : text;
}

const MAX_PICTURES = 64;
const COLUMNS = 8;

interface PictureSheet {
  png: Buffer;
  /** The values that became black and white. */
  black: number;
  white: number;
}

/** [H, W, C] or [B, H, W, C] with C = 1, 3 or 4 and sides 8…1024 is taken for pictures. */
function pictures({ shape, dtype }: TensorLike, values: ArrayLike<number>): PictureSheet | undefined {
  if (shape.length !== 3 && shape.length !== 4) return undefined;
  const [height, width, channels] = shape.slice(-3);
  const side = (n: number) => n >= 8 && n <= 1024;
  if (!side(height) || !side(width) || ![1, 3, 4].includes(channels) || values.length === 0) return undefined;
  const count = Math.min(shape.length === 4 ? shape[0] : 1, MAX_PICTURES);
  const columns = Math.min(count, COLUMNS);
  const rows = Math.ceil(count / columns);
  const gap = count > 1 ? 2 : 0;
  const sheet = new PNG({ width: columns * (width + gap) - gap, height: rows * (height + gap) - gap }); // transparent
  const [black, white] = rangeOf(dtype, values);
  const share = (value: number) => (value - black) / (white - black);
  const toByte = (value: number) => Math.min(255, Math.max(0, Math.round(255 * share(value)))) || 0;
  for (let n = 0; n < count; n++) {
    const left = (n % columns) * (width + gap);
    const top = Math.floor(n / columns) * (height + gap);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = ((n * height + y) * width + x) * channels;
        const to = ((top + y) * sheet.width + left + x) * 4;
        for (let c = 0; c < 3; c++) sheet.data[to + c] = toByte(values[from + (channels === 1 ? 0 : c)]);
        sheet.data[to + 3] = channels === 4 ? toByte(values[from + 3]) : 255;
      }
    }
  }
  return { png: PNG.sync.write(sheet), black, white };
}

/** By the type: whole numbers are bytes, flags 0 or 1; floats are 0 to 1, −1 to 1, or stretched from their lowest to their highest. */
function rangeOf(dtype: string, values: ArrayLike<number>): [black: number, white: number] {
  if (dtype === 'int32') return [0, 255];
  if (dtype === 'bool') return [0, 1];
  let [min, max] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    if (values[i] < min && values[i] > -Infinity) min = values[i];
    if (values[i] > max && values[i] < Infinity) max = values[i];
  }
  if (min > max || (min >= -0.001 && max <= 1.001)) return [0, 1];
  if (min >= -1.5 && max <= 1.5) return [-1, 1];
  const digits = (value: number) => Number(value.toPrecision(4));
  return min < max ? [digits(min), digits(max)] : [Math.min(0, digits(min)), Math.max(1, digits(max))];
}
