/** TensorFlow's messages about machines (tensorflow/core/protobuf: tensorflow_server, worker; framework: device_attributes). */
import { Root } from 'protobufjs/light';

const FIELDS = {
  Job: { name: { type: 'string', id: 1 }, tasks: { keyType: 'int32', type: 'string', id: 2 } },
  ClusterDef: { job: { rule: 'repeated', type: 'Job', id: 1 } },
  ServerDef: {
    cluster: { type: 'ClusterDef', id: 1 },
    job: { type: 'string', id: 2 },
    task: { type: 'int32', id: 3 },
    protocol: { type: 'string', id: 5 },
  },
  /** Empty in TensorFlow; a field that it does not know carries bytes whose way is timed. */
  StatusRequest: { load: { type: 'bytes', id: 15 } },
  Device: {
    name: { type: 'string', id: 1 },
    type: { type: 'string', id: 2 },
    memory: { type: 'int64', id: 4 },
    about: { type: 'string', id: 7 },
  },
  StatusResponse: { device: { rule: 'repeated', type: 'Device', id: 1 } },
};
const root = Root.fromJSON({
  nested: Object.fromEntries(Object.entries(FIELDS).map(([name, fields]) => [name, { fields }])),
});

/** A device as the worker itself tells of it: `/job:worker/replica:0/task:0/device:CPU:0`, 'CPU'. */
export interface DeviceMessage {
  name: string;
  type: string;
}

/** A tensorflow.ServerDef: the addresses of all jobs, and which of them this machine is. */
export function serverDef(jobs: Record<string, readonly string[]>, job: string, task = 0): Uint8Array {
  const type = root.lookupType('ServerDef');
  const named = Object.entries(jobs).map(([name, addresses]) => ({ name, tasks: { ...addresses } }));
  return new Uint8Array(
    type.encode(type.fromObject({ cluster: { job: named }, job, task, protocol: 'grpc' })).finish(),
  );
}

/** A question for the state of a worker, made longer by `load` bytes. */
export function statusRequest(load = 0): Buffer {
  const type = root.lookupType('StatusRequest');
  return type.encode(load > 0 ? { load: new Uint8Array(load) } : {}).finish() as Buffer;
}

/** @throws Error where the bytes are something else */
export function devicesIn(statusResponse: Uint8Array): DeviceMessage[] {
  const { device } = root.lookupType('StatusResponse').decode(statusResponse) as unknown as { device: DeviceMessage[] };
  return device.map(({ name, type }) => ({ name, type }));
}
