/**
 * A module is plain data: its weights are fields, its layers are fields, and everything else follows from
 * walking them. Names are the paths of that walk (`encoder.0.weight`), as in PyTorch, so that published
 * safetensors load by name.
 */
import { copyOf, DISPLAY, type Displayable, html, type MimeBundle, tf } from '../runtime';
import { isRecording } from '../runtime/compile/recorder';

/** Weights as numbers on their way in or out of a module, in PyTorch's layout. */
export type StateDict = Record<string, tf.Tensor>;

/** How a weight's layout here differs from PyTorch's: the permutation that takes ours to theirs. */
const TO_TORCH = new WeakMap<tf.Variable, number[]>();

/**
 * Marks a variable whose axes PyTorch orders differently, e.g. a kernel kept HWIO: `[3, 2, 0, 1]` gives OIHW.
 * @example layoutInTorch(variable(tf.zeros([3, 3, 1, 8])), [3, 2, 0, 1]).shape // → [3, 3, 1, 8]
 */
export function layoutInTorch(variable: tf.Variable, permutation: number[]): tf.Variable {
  TO_TORCH.set(variable, permutation);
  return variable;
}

/**
 * @example
 * class Net extends Module {
 *   readonly first = new Linear(4, 2);
 *   forward = (x: tf.Tensor) => tf.relu(this.first.forward(x));
 * }
 * new Net().parameterCount() // → 10
 */
export abstract class Module implements Displayable {
  /**
   * Every variable with its dotted name, in the order of the fields; trainable or not. One that several fields share (tied
   * weights) stands once, under its first name, as in PyTorch.
   */
  namedParameters(): [string, tf.Variable][] {
    const seen = new Set<tf.Variable>();
    return [...walk(this, '')].filter(([, variable]) => !seen.has(variable) && seen.add(variable));
  }

  /** Every module inside this one with its dotted name, in the order of the fields; each once. */
  namedModules(): [string, Module][] {
    const seen = new Set<Module>([this]);
    return [...walkModules(this, '')].filter(([, module]) => !seen.has(module) && seen.add(module));
  }

  /** The variables that an optimiser should move. */
  parameters(): tf.Variable[] {
    return this.namedParameters()
      .map(([, variable]) => variable)
      .filter(variable => variable.trainable);
  }

  /** How many numbers training can change. */
  parameterCount(): number {
    return this.parameters().reduce((sum, variable) => sum + variable.size, 0);
  }

  /**
   * Copies of all weights under PyTorch's names and in PyTorch's layouts; tied ones under each of their names. The caller
   * disposes them.
   */
  stateDict(): StateDict {
    return Object.fromEntries(
      [...walk(this, '')].map(([name, variable]) => {
        const permutation = TO_TORCH.get(variable);
        return [name, permutation ? tf.transpose(variable, permutation) : tf.clone(variable)];
      }),
    );
  }

  /**
   * Overwrites all weights with copies. Of tied weights one name is enough. Throws when a name is missing, unknown, of
   * another shape or of numbers that don't fit, or when two names of one weight disagree, and then changes nothing.
   */
  loadStateDict(state: StateDict): this {
    this.readyToLoad(state)();
    return this;
  }

  /** The checks of `loadStateDict`, and a function that then writes: so that several things are loaded all or not at all. */
  readyToLoad(state: StateDict): () => void {
    const shapes = Object.fromEntries(Object.entries(state).map(([name, { shape }]) => [name, shape]));
    const plan = this.plan(shapes);
    for (const [variable, names] of plan) tf.tidy(() => void valuesFor(variable, names, name => tf.clone(state[name])));
    return () => this.write(plan, name => copyOf(state[name]));
  }

  /**
   * As `loadStateDict`, with weights that are read one at a time and freed here. `shapes` has every name that `read` knows.
   * What fails while reading puts back what was there; a module that was yet to be filled needs no second copy for that.
   */
  fill(shapes: Record<string, number[]>, read: (name: string) => tf.Tensor): this {
    this.write(this.plan(shapes), read);
    return this;
  }

  /** Every variable with the given names that it is to be filled from. */
  private plan(shapes: Record<string, number[]>): Map<tf.Variable, string[]> {
    const own = [...walk(this, '')];
    const names = new Set(own.map(([name]) => name));
    const unknown = Object.keys(shapes).filter(name => !names.has(name));
    if (unknown.length)
      throw new Error(`unknown weights ${unknown.slice(0, 5).join(', ')}; this module has ${own.length}`);
    const plan = new Map<tf.Variable, string[]>();
    for (const [name, variable] of own) {
      const given = shapes[name];
      if (!plan.has(variable)) plan.set(variable, []);
      if (!given) continue;
      plan.get(variable)!.push(name);
      const permutation = TO_TORCH.get(variable);
      const expected = permutation ? permutation.map(axis => variable.shape[axis]) : variable.shape;
      if (String(given) !== String(expected)) throw new Error(`weight ${name}: expected [${expected}], got [${given}]`);
    }
    const missing = own.find(([, variable]) => plan.get(variable)!.length === 0);
    if (missing) throw new Error(`weight ${missing[0]} is missing; the file has ${Object.keys(shapes).length} others`);
    return plan;
  }

  private write(plan: Map<tf.Variable, string[]>, read: (name: string) => tf.Tensor): void {
    const before = new Map([...plan.keys()].map(variable => [variable, tf.clone(variable)])); // shares storage: takes no memory yet
    try {
      for (const [variable, names] of plan) tf.tidy(() => variable.assign(valuesFor(variable, names, read)));
    } catch (error) {
      for (const [variable, values] of before) variable.assign(values);
      throw error;
    } finally {
      tf.dispose([...before.values()]);
    }
  }

  /** Frees the weights. The module can't be used afterwards. */
  dispose(): void {
    for (const [, variable] of this.namedParameters()) variable.dispose();
  }

  [DISPLAY](): MimeBundle {
    const rows = this.namedParameters().map(([name, v]) => ({ name, shape: `[${v.shape}]`, size: v.size }));
    const total = `${this.constructor.name}: ${this.parameterCount().toLocaleString('en')} parameters`;
    const cells = rows.map(
      r => html`<tr><td><code>${r.name}</code></td><td>${r.shape}</td><td>${r.size.toLocaleString('en')}</td></tr>`,
    );
    const head = html`<thead><tr><th>weight</th><th>shape</th><th>numbers</th></tr></thead>`;
    const table = html`<table>${head}<tbody>${cells}</tbody></table>`;
    return {
      'text/plain': [total, ...rows.map(r => `  ${r.name} ${r.shape} ${r.size.toLocaleString('en')}`)].join('\n'),
      'text/html': html`<details><summary><b>${total}</b></summary>${table}</details>`.source,
    };
  }
}

/** Variables below `value`, under every path that leads to them; a module that holds itself, as its child's parent, is not entered again. */
function* walk(value: unknown, path: string, within: readonly unknown[] = []): Generator<[string, tf.Variable]> {
  if (value instanceof tf.Variable) yield [path, value];
  else for (const [key, child] of parts(value, within)) yield* walk(child, join(path, key), [...within, value]);
}

function* walkModules(value: unknown, path: string, within: readonly unknown[] = []): Generator<[string, Module]> {
  if (value instanceof Module && path) yield [path, value];
  for (const [key, child] of parts(value, within)) yield* walkModules(child, join(path, key), [...within, value]);
}

function parts(value: unknown, within: readonly unknown[]): [string, unknown][] {
  const has = (value instanceof Module || Array.isArray(value)) && !within.includes(value);
  return has ? Object.entries(value) : [];
}

const join = (path: string, key: string): string => (path ? `${path}.${key}` : key);

/**
 * What a variable becomes, from the values under its names, which must agree. Whole numbers and truth values become
 * floats where the weight is one.
 */
function valuesFor(variable: tf.Variable, names: readonly string[], read: (name: string) => tf.Tensor): tf.Tensor {
  const [values, ...others] = names.map(name => {
    const given = read(name);
    if (given.dtype === variable.dtype) return given;
    if (variable.dtype === 'float32' && given.dtype !== 'complex64' && given.dtype !== 'string') return given.toFloat();
    throw new Error(`weight ${name}: expected ${variable.dtype}, got ${given.dtype}; cast it first`);
  });
  for (const [i, other] of others.entries()) {
    if (isRecording() || values.equal(other).logicalOr(values.isNaN()).all().dataSync()[0]) continue;
    throw new Error(`weights ${names[0]} and ${names[i + 1]} are one weight here, but differ; leave one of them out`);
  }
  const permutation = TO_TORCH.get(variable);
  return permutation ? tf.transpose(values, inverse(permutation)) : values;
}

function inverse(permutation: number[]): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis));
}
