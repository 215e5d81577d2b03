/**
 * Automatic differentiation of single numbers, small enough to read at once. Each result remembers what it was made
 * of and the local derivative towards each part; `backward` multiplies these along all paths (the chain rule).
 * The lessons use it to show what TensorFlow does with whole tensors.
 * @see notebooks/05-how-a-network-learns.ipynb
 * @example
 * const x = new Num(3);
 * x.mul(x).backward();
 * x.grad // → 6
 */
export class Num {
  /** ∂(the number that `backward` was called on)/∂(this number). */
  grad = 0;

  constructor(
    public value: number,
    /** Parts with their local derivatives. */
    private readonly parts: [part: Num, local: number][] = [],
  ) {}

  add(other: Num | number): Num {
    const b = num(other);
    return new Num(this.value + b.value, [
      [this, 1],
      [b, 1],
    ]);
  }

  sub(other: Num | number): Num {
    const b = num(other);
    return new Num(this.value - b.value, [
      [this, 1],
      [b, -1],
    ]);
  }

  mul(other: Num | number): Num {
    const b = num(other);
    return new Num(this.value * b.value, [
      [this, b.value],
      [b, this.value],
    ]);
  }

  square(): Num {
    return new Num(this.value ** 2, [[this, 2 * this.value]]);
  }

  tanh(): Num {
    const y = Math.tanh(this.value);
    return new Num(y, [[this, 1 - y * y]]);
  }

  relu(): Num {
    return new Num(Math.max(0, this.value), [[this, this.value > 0 ? 1 : 0]]);
  }

  exp(): Num {
    const y = Math.exp(this.value);
    return new Num(y, [[this, y]]);
  }

  log(): Num {
    if (!(this.value > 0)) throw new Error(`the logarithm needs a positive number, got ${this.value}`);
    return new Num(Math.log(this.value), [[this, 1 / this.value]]);
  }

  /** Fills `grad` of this number and of everything that it was made of, anew. */
  backward(): void {
    const order = this.inOrder();
    for (const node of order) node.grad = 0;
    this.grad = 1;
    for (const node of order.reverse()) for (const [part, local] of node.parts) part.grad += local * node.grad;
  }

  /** This number and all that it depends on, each after its parts; on a list of its own, as long chains overflow the stack. */
  private inOrder(): Num[] {
    const order: Num[] = [];
    const seen = new Set<Num>([this]);
    const open = [{ node: this as Num, next: 0 }];
    while (open.length > 0) {
      const top = open[open.length - 1];
      const part = top.node.parts[top.next++]?.[0];
      if (!part) order.push(open.pop()!.node);
      else if (!seen.has(part)) {
        seen.add(part);
        open.push({ node: part, next: 0 });
      }
    }
    return order;
  }
}

/**
 * A plain number as the leaf of a graph.
 * @example num(2).add(3).value // → 5
 */
export const num = (value: Num | number): Num => (value instanceof Num ? value : new Num(value));

/**
 * Mean of some numbers.
 * @example meanOf([num(1), num(3)]).value // → 2
 */
export function meanOf(numbers: Num[]): Num {
  if (numbers.length === 0) throw new Error('the mean of no numbers is not defined');
  return numbers.reduce((sum, n) => sum.add(n)).mul(1 / numbers.length);
}
