/**
 * TensorFlow's backend without TensorFlow, for runs without numbers on other engines: tfjs-node's own kernels, which turn
 * tfjs's operations into TensorFlow's, over a binding that holds values and computes nothing. So a dry run counts the same
 * operations everywhere.
 */
import { restoreUtil } from '../platform';
import { patchNativeGradients } from './gradients';
import { type Binding, DT, type HostValues, type NodeBackend, patchNativeKernels, type TensorRecord } from './native';
import { tf } from './tensorflow';

/** What tfjs notes of data: above all who holds them, and so who counts their users. */
interface Notes {
  registeredVariables: Record<string, tf.Variable>;
  state: { tensorInfo: { get(data: object): Info | undefined; has(data: object): boolean } };
}
interface Info {
  backend: Pick<tf.KernelBackend, 'readSync' | 'disposeData' | 'refCount'>;
  shape: number[];
  dtype: tf.DataType;
}
interface Records {
  get(data: object): TensorRecord;
  set(data: object, record: TensorRecord): void;
  has(data: object): boolean;
  delete(data: object): boolean;
}
const notes = (): Notes => tf.engine() as unknown as Notes;

/** Numbers of the binding that its JavaScript asks for (tensorflow/c/tf_datatype.h, tfjs's own of attributes). */
const NUMBERS = {
  TF_FLOAT: 1,
  TF_INT32: 3,
  TF_UINT8: 4,
  TF_STRING: 7,
  TF_COMPLEX64: 8,
  TF_INT64: 9,
  TF_BOOL: 10,
  TF_RESOURCE: 20,
  TF_ATTR_STRING: 0,
  TF_ATTR_INT: 1,
  TF_ATTR_FLOAT: 2,
  TF_ATTR_BOOL: 3,
  TF_ATTR_TYPE: 4,
  TF_ATTR_SHAPE: 5,
};

/** Keeps what JavaScript writes, so that constants can be read; a recording answers all else. */
function emptyBinding(): Binding {
  const kept = new Map<number, HostValues>();
  let last = 0;
  const binding = {
    ...NUMBERS,
    isUsingGpuDevice: () => false,
    createTensor(_shape: number[], _dtype: number, values: HostValues): number {
      kept.set(++last, values);
      return last;
    },
    deleteTensor: (id: number) => void kept.delete(id),
    tensorDataSync: (id: number) => kept.get(id)!,
  };
  return binding as unknown as Binding;
}

/** A number that no tensor has. */
const NOWHERE = -1e9;

/** The backend, and what brings other engines' data back to them. */
class DryBackend {
  private readonly backend: NodeBackend & tf.KernelBackend;
  private readonly records: Records;
  /** Data that other engines hold, while a run without numbers may ask for them. */
  private readonly lent: { data: object; holder: Info['backend']; users: number }[] = [];

  constructor() {
    restoreUtil();
    const { NodeJSKernelBackend } = require('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend') as {
      NodeJSKernelBackend: new (binding: Binding, name: string) => NodeBackend & tf.KernelBackend;
    };
    this.backend = new NodeJSKernelBackend(emptyBinding(), 'none');
    this.records = this.backend.tensorMap as Records;
    const own = this.records.has.bind(this.records);
    this.records.has = data => own(data) || this.borrow(data);
    tf.registerBackend('tensorflow', () => this.backend, 0);
    require('@tensorflow/tfjs-node-gpu/dist/register_all_kernels');
    patchNativeKernels();
    patchNativeGradients();
  }

  /** Notes data as if they lay here. False where nobody has them. @param shape of a variable: it lies here whole, unread */
  private borrow(data: object, shape?: number[]): boolean {
    const info = notes().state.tensorInfo.get(data);
    if (!info || info.backend === this.backend) return false;
    const holder = info.backend;
    const dtype = { float32: DT.float, int32: DT.int32, bool: DT.bool, complex64: DT.complex64, string: DT.string }[
      info.dtype
    ];
    const [id, users] = shape ? [NOWHERE - this.lent.length, 1] : [-1, holder.refCount(data)];
    const values = shape ? null : (holder.readSync(data) as HostValues);
    this.records.set(data, { id, shape: shape ?? info.shape, dtype, values, refCount: users });
    this.lent.push({ data, holder, users });
    info.backend = this.backend;
    return true;
  }

  private giveBack(): void {
    for (const { data, holder, users } of this.lent.splice(0)) {
      const info = notes().state.tensorInfo.get(data);
      const { id, refCount: left } = info ? this.records.get(data) : { id: NOWHERE, refCount: 0 };
      this.backend.binding.deleteTensor(id);
      this.records.delete(data);
      if (info) info.backend = holder;
      for (let gone = left; gone < users; gone++) holder.disposeData(data);
    }
  }

  /** Does `work` with this backend in the place of the engine that computes. */
  run<T>(work: () => T): T {
    const engine = tf.getBackend();
    void tf.setBackend('tensorflow'); // at once: it is there
    try {
      for (const { dataId, shape } of Object.values(notes().registeredVariables)) this.borrow(dataId, shape);
      return work();
    } finally {
      this.giveBack();
      void tf.setBackend(engine);
    }
  }
}

let dry: DryBackend | undefined;

/** Does `work` on TensorFlow's backend without TensorFlow: only what a recording asks for is answered there. */
export function onDryBackend<T>(work: () => T): T {
  dry ??= new DryBackend();
  return dry.run(work);
}
