/**
 * A module is plain data: its weights are fields, its layers are fields, and everything else follows from
 * walking them. Names are the paths of that walk (`encoder.0.weight`), as in PyTorch, so that published
 * safetensors load by name.
 */
import { DISPLAY, type Displayable, html, type MimeBundle, tf } from '../runtime';

/** Weights as numbers on their way in or out of a module, in PyTorch's layout. */
export type StateDict = Record<string, tf.Tensor>;

/** How a weight's layout here differs from PyTorch's: the permutation that takes ours to theirs. */
const TO_TORCH = new WeakMap<tf.Variable, number[]>();

/** Marks a variable whose axes PyTorch orders differently, e.g. a kernel kept HWIO: `[3, 2, 0, 1]` gives OIHW. */
export function layoutInTorch(variable: tf.Variable, permutation: number[]): tf.Variable {
  TO_TORCH.set(variable, permutation);
  return variable;
}

export abstract class Module implements Displayable {
  /** Every variable with its dotted name, in the order of the fields; trainable or not. */
  namedParameters(): [string, tf.Variable][] {
    return [...walk(this, '')];
  }

  /** Every module inside this one with its dotted name, in the order of the fields. */
  namedModules(): [string, Module][] {
    return [...walkModules(this, '')];
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

  /** Copies of all weights under PyTorch's names and in PyTorch's layouts. The caller disposes them. */
  stateDict(): StateDict {
    return Object.fromEntries(
      this.namedParameters().map(([name, variable]) => {
        const permutation = TO_TORCH.get(variable);
        return [name, permutation ? tf.transpose(variable, permutation) : tf.clone(variable)];
      }),
    );
  }

  /** Overwrites all weights. Throws when a name is missing, unknown or has another shape, and then changes nothing. */
  loadStateDict(state: StateDict): this {
    const shapes = Object.fromEntries(Object.entries(state).map(([name, { shape }]) => [name, shape]));
    return this.fill(shapes, name => tf.clone(state[name]));
  }

  /**
   * As `loadStateDict`, with weights that are read one at a time and freed here, so that no second copy of all is needed.
   * `shapes` has every name that `read` knows.
   */
  fill(shapes: Record<string, number[]>, read: (name: string) => tf.Tensor): this {
    const own = this.namedParameters();
    const names = new Set(own.map(([name]) => name));
    const unknown = Object.keys(shapes).filter(name => !names.has(name));
    if (unknown.length)
      throw new Error(`unknown weights ${unknown.slice(0, 5).join(', ')}; this module has ${own.length}`);
    for (const [name, variable] of own) {
      const given = shapes[name];
      if (!given) throw new Error(`weight ${name} is missing; the file has ${Object.keys(shapes).length} others`);
      const permutation = TO_TORCH.get(variable);
      const expected = permutation ? permutation.map(axis => variable.shape[axis]) : variable.shape;
      if (String(given) !== String(expected)) throw new Error(`weight ${name}: expected [${expected}], got [${given}]`);
    }
    for (const [name, variable] of own) {
      const permutation = TO_TORCH.get(variable);
      tf.tidy(() => variable.assign(permutation ? tf.transpose(read(name), inverse(permutation)) : read(name)));
    }
    return this;
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

function* walk(value: unknown, path: string): Generator<[string, tf.Variable]> {
  if (value instanceof tf.Variable) yield [path, value];
  else if (value instanceof Module || Array.isArray(value)) {
    for (const [key, child] of Object.entries(value)) yield* walk(child, path ? `${path}.${key}` : key);
  }
}

function* walkModules(value: unknown, path: string): Generator<[string, Module]> {
  if (value instanceof Module && path) yield [path, value];
  if (value instanceof Module || Array.isArray(value)) {
    for (const [key, child] of Object.entries(value)) yield* walkModules(child, path ? `${path}.${key}` : key);
  }
}

function inverse(permutation: number[]): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis));
}
