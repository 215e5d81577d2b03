/** Functions of each number, of two tensors together, over axes, and products. */
import { tf } from '../../../lib/runtime';
import { back, bool, both, type Call, call, float, int, type Make, only, product, words } from './call';

export function elementwise(): Call[] {
  const calls: Call[] = [];
  const smooth = words(
    'abs asinh atan cos cosh elu erf exp expm1 leakyRelu log1p neg relu relu6 selu sigmoid sin sinh',
  );
  const others = words('softplus sqrt square tan tanh softmax step rsqrt reciprocal sign ceil floor round logSigmoid');
  for (const [name, shape] of product([...smooth, ...others], [[3], [2, 0, 4]]))
    calls.push(...both(name, [float(...shape)], x => tf[name](x)));
  for (const [name, given] of product(words('isNaN isInf isFinite onesLike zerosLike'), [float(), float(2, 3)]))
    calls.push(call(name, [given], x => tf[name](x)));
  for (const name of words('abs neg sign square relu onesLike zerosLike'))
    calls.push(call(name, [int(2, 3)], x => tf[name](x)));
  for (const [from, to] of product([float(2, 3), int(4), bool(1, 2)], [
    'float32',
    'int32',
    'bool',
    'complex64',
  ] as const))
    calls.push(call(`cast to ${to}`, [from], x => tf.cast(x, to)));
  return calls;
}

export function together(): Call[] {
  const calls: Call[] = [];
  const pairs = [
    [[2, 3], [3]],
    [
      [2, 1, 4],
      [3, 1],
    ],
    [[], [5]],
    [[4, 0], [1]],
    [
      [1, 2, 1, 3, 1],
      [2, 1, 3],
    ],
  ];
  const arithmetic = words('add sub mul div maximum minimum squaredDifference pow mod') as unknown as ('add' | 'mod')[];
  const truths = words('equal notEqual greater greaterEqual less lessEqual') as unknown as 'equal'[];
  for (const [name, [a, b]] of product([...arithmetic], pairs)) {
    // tfjs hands these no gradient by what is spread, and empty ones none at all
    const there = /imum|Diff/.test(name) || a.includes(0) ? only : both;
    calls.push(...there(name, [float(...a), float(...b)], (x, y) => tf[name](x, y)));
    calls.push(call(name, [int(...a), int(...b)], (x, y) => tf[name](x, y)));
    if (name !== 'mod') calls.push(call(name, [int(...a), float(...b)], (x, y) => tf[name](x, y)));
  }
  for (const [name, [a, b]] of product(truths, pairs))
    calls.push(call(name, [float(...a), int(...b)], (x, y) => tf[name](x, y)));
  for (const [a, b] of pairs) {
    calls.push(call('floorDiv', [int(...a), int(...b)], (x, y) => tf.floorDiv(x, y)));
    calls.push(...(a.includes(0) ? only : both)('atan2', [float(...a), float(...b)], (x, y) => tf.atan2(x, y)));
    calls.push(call('prelu', [float(...a), float(...b)], (x, y) => tf.prelu(x, y)));
    calls.push(call('divNoNan', [float(...a), float(...b)], (x, y) => tf.divNoNan(x, y)));
    calls.push(call('logicalAnd', [bool(...a), bool(...b)], (x, y) => [tf.logicalAnd(x, y), tf.logicalOr(x, y)]));
    calls.push(call('where', [bool(...a), int(...b)], (c, y) => tf.where(c, tf.onesLike(c).toInt(), y)));
  }
  return calls;
}

export function overAxes(): Call[] {
  const calls: Call[] = [];
  const axes: [number[], number | number[] | undefined][] = [
    [[5], undefined],
    [[5], -1],
    [[2, 3], 0],
    [[2, 3, 4], -2],
    [
      [2, 3, 4],
      [0, -1],
    ],
    [
      [2, 3, 4, 5],
      [2, 1],
    ],
    [[2, 0, 4], 1],
    [[], undefined],
  ];
  for (const [[shape, axis], keep] of product(axes, [false, true])) {
    const name = (what: string) => `${what} over ${axis}${keep ? ', kept' : ''}`;
    for (const what of words('sum mean max min prod') as unknown as ('sum' | 'prod')[]) {
      const make: Make = x => tf[what](x, axis, keep);
      calls.push(...(what === 'prod' ? only : both)(name(what), [float(...shape)], make));
      calls.push(call(name(what), [int(...shape)], make));
    }
    calls.push(call(name('any'), [bool(...shape)], x => [tf.any(x, axis, keep), tf.all(x, axis, keep)]));
    calls.push(
      ...(shape.includes(0) ? only : both)(name('logSumExp'), [float(...shape)], x => tf.logSumExp(x, axis, keep)),
    );
    calls.push(call(name('norm'), [float(...shape)], x => tf.moments(x, axis, keep)));
    if (typeof axis !== 'number') continue;
    calls.push(call(name('argMax'), [float(...shape)], x => [tf.argMax(x, axis), tf.argMin(x, axis)]));
    const last = axis === shape.length - 1; // only along that tfjs has a gradient
    calls.push(...(last ? both : only)(name('cumsum'), [float(...shape)], x => tf.cumsum(x, axis, keep, !keep)));
    calls.push(call(name('cumprod'), [int(...shape)], x => tf.cumprod(x, axis, keep, !keep)));
  }
  for (const given of [float(7), int(2, 7), float(2, 3, 7)])
    for (const k of [1, 4]) calls.push(call(`topk ${k}`, [given], x => Object.values(tf.topk(x, k))));
  return calls;
}

export function products(): Call[] {
  const calls: Call[] = [];
  for (const [turnA, turnB, [a, b]] of product(
    [false, true],
    [false, true],
    [
      [[], []],
      [[5], [5]],
      [[2, 1], [3]],
      [[], [4]],
    ],
  )) {
    const given = [float(...a, ...(turnA ? [7, 2] : [2, 7])), float(...b, ...(turnB ? [3, 7] : [7, 3]))];
    calls.push(call(`matMul ${turnA} ${turnB}`, given, (x, y) => tf.matMul(x, y, turnA, turnB)));
    if (String(a) === String(b))
      calls.push(
        call(
          'gradient of matMul',
          given,
          back((x, y) => tf.matMul(x, y, turnA, turnB)),
        ),
      );
  }
  const sums: [string, number[][]][] = [
    [
      'ij,jk->ik',
      [
        [2, 3],
        [3, 4],
      ],
    ],
    [
      'bij,bkj->bik',
      [
        [5, 2, 3],
        [5, 4, 3],
      ],
    ],
    ['i,j->ji', [[2], [3]]],
    ['ij->', [[2, 3]]],
    ['ij->ji', [[2, 3]]],
    ['ii->i', [[3, 3]]],
    [
      '...ij,...jk->...ik',
      [
        [5, 1, 2, 3],
        [6, 3, 4],
      ],
    ],
    ['b...d->...', [[2, 3, 4, 5]]],
    [' i j , j -> i ', [[2, 3], [3]]],
  ];
  for (const [equation, shapes] of sums)
    calls.push(
      call(
        equation,
        shapes.map(shape => float(...shape)),
        (...xs) => tf.einsum(equation.replace(/\s/g, ''), ...xs),
      ),
    );
  calls.push(
    call('dot', [float(3), float(3)], (x, y) => tf.dot(x, y)),
    call('outerProduct', [float(3), float(4)], (x, y) => tf.outerProduct(x as tf.Tensor1D, y as tf.Tensor1D)),
    call('fused', [float(2, 3), float(3, 4), float(4)], (a, b, bias) =>
      tf.fused.matMul({ a, b, bias, activation: 'relu' }),
    ),
  );
  return calls;
}
