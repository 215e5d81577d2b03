/** Placeholder until the recorder lands: runs the function as it is. */
// biome-ignore lint/suspicious/noExplicitAny: any function of tensors
export function compile<F extends (...args: any[]) => unknown>(fn: F): F & { dispose(): void } {
  return Object.assign(((...args: unknown[]) => tf.tidy(() => fn(...args) as never)) as unknown as F, { dispose() {} });
}

import { tf } from '../tensorflow';
