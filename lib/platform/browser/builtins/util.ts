import { format, formatWithOptions, inspect } from 'node-inspect-extracted';

export { format, formatWithOptions, inspect };

const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

/** Nothing tells a proxy from what it stands for. */
export const types = {
  isProxy: (_: unknown): boolean => false,
  isNativeError: (value: unknown): boolean => tagOf(value) === 'Error',
  isMap: (value: unknown): boolean => value instanceof Map,
  isSet: (value: unknown): boolean => value instanceof Set,
};

/** What tfjs-node's kernels ask for. */
export const isArray = Array.isArray;
export const isNullOrUndefined = (value: unknown): boolean => value === null || value === undefined;
