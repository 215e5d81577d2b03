/** Names that people bring along from Python and from the browser, and what says the same here. */

export const PYTHON: Record<string, string> = {
  print: "console.log(x); or write x alone as the cell's last line",
  len: 'x.length of a list or a text, x.size of a Map, a Set or a tensor',
  None: 'undefined, or null',
  True: 'true',
  False: 'false',
  range: 'for (let i = 0; i < n; i++) …, or Array.from({ length: n }, (_, i) => i)',
  str: 'String(x); the type is string',
  int: 'Math.trunc(Number(x)); the type is number',
  float: 'Number(x); the type is number',
  bool: 'Boolean(x); the type is boolean',
  list: 'Array.from(x), or [1, 2]; the type is number[]',
  dict: '{ a: 1 }, or new Map([["a", 1]])',
  tuple: '[x, y]; the type is [number, number]',
  set: 'new Set([1, 2])',
  type: 'typeof x, or x.constructor.name',
  isinstance: 'x instanceof C, or typeof x === "number"',
  abs: 'Math.abs(x)',
  min: 'Math.min(...xs)',
  max: 'Math.max(...xs)',
  round: 'Math.round(x), or x.toFixed(2)',
  pow: 'x ** y',
  divmod: 'Math.floor(x / y) and x % y',
  sum: 'xs.reduce((a, b) => a + b, 0)',
  sorted: 'xs.toSorted((a, b) => a - b)',
  reversed: 'xs.toReversed()',
  enumerate: 'for (const [i, x] of xs.entries()) …',
  zip: 'xs.map((x, i) => [x, ys[i]])',
  map: 'xs.map(f)',
  filter: 'xs.filter(f)',
  any: 'xs.some(f)',
  all: 'xs.every(f)',
  iter: 'xs[Symbol.iterator]()',
  next: 'iterator.next().value',
  ord: 'text.codePointAt(0)',
  chr: 'String.fromCodePoint(n)',
  hex: 'n.toString(16)',
  bin: 'n.toString(2)',
  repr: 'JSON.stringify(x)',
  format: 'String(x), or x.toFixed(2)',
  open: "fs.readFileSync('name.txt', 'utf8'), with import fs from 'node:fs'",
  dir: 'Object.keys(x), or Tab after x.',
  help: 'put the cursor on the name and press Shift+Tab',
  exit: 'the menu Kernel → Shut Down Kernel',
  quit: 'the menu Kernel → Shut Down Kernel',
  pass: 'nothing: { } may be empty',
  self: 'this',
  Exception: "throw new Error('…')",
  ValueError: "throw new RangeError('…')",
  KeyError: "throw new Error('…')",
  math: 'Math, which needs no import',
  time: 'performance.now(), in milliseconds',
  sys: 'process, which needs no import',
  np: "tensors: import { tf } from './lib', then tf.tensor([1, 2])",
  pd: "tables: import { readCsv } from './lib'",
  plt: "the plots of the course: import { … } from './lib'",
  torch: "tensors and layers: import { tf, … } from './lib'",
  get_ipython: 'nothing: there are no IPython commands in this kernel',
};

export const SHELL: Record<string, string> = {
  ls: "fs.readdirSync('.'), with import fs from 'node:fs'",
  pwd: 'process.cwd()',
  clear: 'the menu Edit → Clear Cell Output',
};

export const BROWSER: Record<string, string> = {
  alert: 'console.log(x)',
  prompt: "await input('your guess?')",
  confirm: "await input('yes or no?')",
  document: "Node has no page; display({ 'text/html': '…' }) from './lib' shows HTML below the cell",
  window: 'globalThis, where a global object is meant; Node has no page',
  localStorage: "a file: fs.writeFileSync('name.json', JSON.stringify(x)), with import fs from 'node:fs'",
  sessionStorage: 'a variable, which stays until the kernel restarts',
  requestAnimationFrame: 'setTimeout(f, 16)',
  cancelAnimationFrame: 'clearTimeout(id)',
  addEventListener: "process.on('exit', f), or an EventTarget of your own",
  location: 'process.cwd() for the folder, import.meta.url for the notebook',
  navigator: "os.cpus(), os.platform(), with import os from 'node:os'",
  WebSocket: 'there from Node 22 on; before, the package ws (npm install ws)',
  Image: 'fs.readFileSync(file) for the bytes of a picture',
  Worker: "import { Worker } from 'node:worker_threads'",
  XMLHttpRequest: 'await fetch(url)',
};

/** Names of Python's that are called methods of lists and texts. */
const METHODS: Record<string, string> = {
  append: 'push',
  extend: 'push(...others)',
  upper: 'toUpperCase',
  lower: 'toLowerCase',
  strip: 'trim',
  lstrip: 'trimStart',
  rstrip: 'trimEnd',
  startswith: 'startsWith',
  endswith: 'endsWith',
  find: 'indexOf',
  index: 'indexOf',
  count: 'filter(y => y === x).length',
  remove: 'splice(xs.indexOf(x), 1)',
  insert: 'splice(i, 0, x)',
  copy: 'slice()',
  len: 'length',
  items: 'Object.entries(x)',
};

/** One sentence about a name that exists elsewhere; undefined where it is none of these. @param browser whether TypeScript knows it as a browser's */
export function foreignName(name: string, browser: boolean): string | undefined {
  // `print` is both, and here it is Python's that was meant.
  if (Object.hasOwn(PYTHON, name)) return `'${name}' is Python's; here: ${PYTHON[name]}`;
  if (Object.hasOwn(BROWSER, name)) return `'${name}' is a browser's, and cells run in Node; here: ${BROWSER[name]}`;
  if (Object.hasOwn(SHELL, name)) return `'${name}' is a command of the shell; here: ${SHELL[name]}`;
  return browser ? `'${name}' is a browser's, and cells run in Node, which has no such name` : undefined;
}

/** @param on the type, as TypeScript names it */
export function foreignMethod(name: string, on: string): string | undefined {
  const known = Object.hasOwn(METHODS, name) && /\[\]$|^string$|^"|^readonly |^Map|^Set|^\{/.test(on);
  return known ? `'${name}' is Python's; here: ${METHODS[name]}` : undefined;
}
