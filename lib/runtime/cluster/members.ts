/** Which machines compute together at the moment. */
import { wantNative } from '../../platform';
import type { Replica } from '../compile/replicas';
import { binding, isNative } from '../tensorflow';

/** A device of the cluster; those of a cluster that was left are refused. */
export class Member implements Replica {
  constructor(
    readonly name: string,
    readonly device: string,
    /** 'host1:2222', or undefined where it is this machine's own. */
    readonly worker: string | undefined,
    /** Which joining it belongs to. */
    readonly joined: number,
  ) {}
}

/** @throws Error on backends that know of no other machine */
export function needTensorFlow(): void {
  if (!isNative()) {
    wantNative('a cluster');
    throw new Error("several machines compute together only through TensorFlow's library; see npm run doctor");
  }
}

let joined = 0;
let addresses: readonly string[] = [];

/** A cluster of these workers was joined. Returns the number of the joining. */
export function nowWith(workers: readonly string[]): number {
  addresses = [...workers];
  return ++joined;
}

export const nowJoined = (): number => joined;

/** The address of a worker that TensorFlow calls '/job:worker/replica:0/task:1/…'. */
export function addressOf(device: string): string | undefined {
  const [, task] = /\/job:worker\/replica:\d+\/task:(\d+)/.exec(device) ?? [];
  return task === undefined ? undefined : addresses[Number(task)];
}

/**
 * This machine's device, on which the variables live, for a step on these replicas.
 * @throws Error where a replica belongs to a cluster that was left
 */
export function homeOf(replicas: readonly Replica[]): string {
  needTensorFlow();
  const old = replicas.find(each => each instanceof Member && each.worker !== undefined && each.joined !== joined);
  if (old)
    throw new Error(
      `${old.name} belongs to a cluster that was left when cluster was called again; compile the step with the replicas of the new one`,
    );
  return ownDevices()[0];
}

/** This machine's devices, the fastest first. */
export function ownDevices(): string[] {
  const own = binding()
    .listDevices()
    .filter(name => name.startsWith('/job:localhost/') && !name.includes('XLA'));
  return [...own.filter(name => /device:GPU/.test(name)), ...own.filter(name => /device:CPU/.test(name))];
}
