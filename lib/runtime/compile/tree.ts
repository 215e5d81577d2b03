/** Arguments and results: tensors, alone or in arrays and plain objects, nested as you like. */
import { tf } from '../tensorflow';
import { calledFrom } from './origin';

export type Tree = tf.Tensor | null | undefined | Tree[] | { [key: string]: Tree };

/** Puts the tensors of `tree` into `leaves`, in order, and returns a text that tells its form, shapes and dtypes. */
export function flatten(tree: unknown, leaves: tf.Tensor[], where: string): string {
  if (tree instanceof tf.Tensor) {
    if (tree.isDisposed)
      throw new Error(`${where} is a tensor [${tree.shape}] that was disposed, ${calledFrom()}; use it first`);
    if (tree.dtype === 'string') {
      throw new Error(`${where} is a string tensor, ${calledFrom()}; a compiled step takes numbers only`);
    }
    leaves.push(tree);
    return `${tree.dtype}[${tree.shape}]`;
  }
  if (tree === null || tree === undefined) return '-';
  if (Array.isArray(tree)) return `(${tree.map((each, i) => flatten(each, leaves, `${where}[${i}]`)).join(',')})`;
  if (typeof tree === 'object' && isPlain(tree)) {
    return `{${Object.entries(tree).map(([key, each]) => `${key}:${flatten(each, leaves, `${where}.${key}`)}`)}}`;
  }
  throw new Error(
    `${where} is ${describe(tree)}, ${calledFrom()}; ` +
      'a compiled step takes and returns tensors, in arrays and objects: use tf.scalar(…) for a number that changes',
  );
}

/** The same form with each tensor replaced. */
export function mapTree(tree: unknown, replace: (leaf: tf.Tensor) => unknown): unknown {
  if (tree instanceof tf.Tensor) return replace(tree);
  if (Array.isArray(tree)) return tree.map(each => mapTree(each, replace));
  if (tree && typeof tree === 'object') {
    return Object.fromEntries(Object.entries(tree).map(([key, each]) => [key, mapTree(each, replace)]));
  }
  return tree;
}

/** The form that `mapTree` made, its numbers replaced. */
export function fillTree(form: unknown, replace: (position: number) => tf.Tensor): unknown {
  if (typeof form === 'number') return replace(form);
  if (Array.isArray(form)) return form.map(each => fillTree(each, replace));
  if (form && typeof form === 'object') {
    return Object.fromEntries(Object.entries(form).map(([key, each]) => [key, fillTree(each, replace)]));
  }
  return form;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  if (typeof value === 'object') return `a ${value?.constructor?.name ?? 'thing'}`;
  return typeof value === 'function' ? 'a function' : `the ${typeof value} ${String(value)}`;
}
