import { expect, test } from 'vitest';
import { f32, i64 } from '../../compiler/formats/index.ts';
import { parseGraph } from '../../compiler/ir/parse.ts';
import { absent, valueId, type Graph, type Op } from '../../compiler/ir/types.ts';
import { verifyGraph } from '../../compiler/ir/verify.ts';
import { builtinOps } from '../../compiler/ops/index.ts';
import { OpRegistry } from '../../compiler/ops/registry.ts';
import { fromNumbers } from '../../compiler/tensor/tensor.ts';
import { InternalError } from '../../src/base/diagnostics.ts';

const registry = new OpRegistry(builtinOps);

const good = parseGraph(
  `graph g(%x: f32[1,1,2]) {
  %w: f32[1,1,1] = const [2] from w (Initializer)
  %a: f32[1,1,2] = conv(%x, %w) {pads=[0, 0]} from /conv (Conv)
  %y: f32[1,1,2] = fused(%a) from /relu (Relu) {
    graph kernel(%a: f32[1,1,2]) {
      %y: f32[1,1,2] = relu(%a) from /relu (Relu)
      return %y
    }
  }
  return %y
}`,
  registry,
);
const [w, conv, fused] = good.ops as [Op, Op, Op];
const id = valueId;
const withOps = (...ops: Op[]): Graph => ({ ...good, ops });
const withType = (name: string, shape: readonly number[]): Graph => ({
  ...good,
  types: new Map(good.types).set(id(name), { format: f32, shape }),
});
const withBody = (change: (body: Graph) => Graph): Graph =>
  withOps(w, conv, { ...fused, bodies: [change(fused.bodies![0]!)] });

test('a good graph passes', () => expect(() => verifyGraph(good, registry)).not.toThrow());

test.each<[string, Graph, RegExp]>([
  ['an unknown op', withOps(w, { ...conv, kind: 'convv' }, fused), /no op "convv"/],
  ['a use before its definition', withOps(conv, w, fused), /%w is used before it is defined/],
  ['two definitions', withOps(w, conv, fused, { ...conv, outputs: [id('a')] }), /%a is defined twice/],
  [
    'a value defined twice by one op',
    withOps(w, conv, { ...fused, outputs: [id('y'), id('y')] }),
    /defines a value twice/,
  ],
  ['no origins', withOps(w, { ...conv, origins: [] }, fused), /no origin/],
  ['a wrong type', withType('a', [1, 1, 3]), /%a is said to be f32\[1,1,3\], but it is f32\[1,1,2\]/],
  ['a type of nothing', withType('ghost', [1]), /%ghost has a type, but nothing defines it/],
  [
    'an output without a type',
    { ...good, types: new Map([...good.types].filter(([k]) => k !== 'a')) },
    /%a has no type/,
  ],
  ['an input without a type', { ...good, inputs: [id('q')] }, /input %q has no type/],
  ['an output that nothing makes', { ...good, outputs: [id('q')] }, /%q is used before/],
  ['an absent output', { ...good, outputs: [absent] }, /an output is absent/],
  ['a constant without elements', { ...good, consts: new Map() }, /elements are missing/],
  [
    'elements without a constant',
    { ...good, consts: new Map(good.consts).set(id('x'), fromNumbers(i64, [1], [1])) },
    /2 constants have elements; 1/,
  ],
  [
    'elements of another type',
    { ...good, consts: new Map([[id('w'), fromNumbers(i64, [1, 1, 1], [1])]]) },
    /%w is said to be f32\[1,1,1\], but it is i64\[1,1,1\]/,
  ],
  ['a const with inputs', withOps({ ...w, outputs: [id('w'), id('v')] }, conv, fused), /a const has one output/],
  ['an operand too few', withOps(w, { ...conv, inputs: [id('x')] }, fused), /wrong number of inputs/],
  ['an unknown attribute', withOps(w, { ...conv, attrs: { stride: [1] } }, fused), /no attribute "stride"/],
  ['an attribute of another kind', withOps(w, { ...conv, attrs: { strides: 1 } }, fused), /"strides" should be ints/],
  [
    'a body that reads from outside',
    withBody((b) => ({ ...b, ops: [{ ...b.ops[0]!, inputs: [id('x')] }] })),
    /body kernel: %x is used before/,
  ],
  [
    'a body of another type',
    withBody((b) => ({ ...b, types: new Map([...b.types].map(([k, t]) => [k, { ...t, shape: [1, 1, 3] }])) })),
    /does not fit its operands/,
  ],
])('%s is found, and the pass is named', (_, graph, message) => {
  const check = (): void => verifyGraph(graph, registry, 'some-pass');
  expect(check).toThrow(InternalError);
  expect(check).toThrow(/after some-pass: graph "g"/);
  expect(check).toThrow(message);
});
