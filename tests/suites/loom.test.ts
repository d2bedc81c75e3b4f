import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { f16, f32, f64, i64, u8, text } from '../../compiler/formats/index.ts';
import { hashOf } from '../../compiler/ir/literal.ts';
import { parseGraph } from '../../compiler/ir/parse.ts';
import { printGraph } from '../../compiler/ir/print.ts';
import { absent, valueId, type Graph, type Op, type TensorType } from '../../compiler/ir/types.ts';
import { builtinOps } from '../../compiler/ops/index.ts';
import { OpRegistry } from '../../compiler/ops/registry.ts';
import { fromNumbers, tensor, type Tensor } from '../../compiler/tensor/tensor.ts';
import { isNetloomError } from '../../src/base/diagnostics.ts';
import { sha256 } from '../../src/base/sha256.ts';
import { goldenFiles, readGolden } from '../golden/golden.ts';
import { randomGraph } from '../random-graph.ts';
import { createHash } from 'node:crypto';

const registry = new OpRegistry(builtinOps);
const parse = (source: string): Graph => parseGraph(source, registry, { file: 'case.loom' });

describe('print and parse are inverse', () => {
  test.each(goldenFiles('tests/golden/passes', '.loom'))('%s', (path) => {
    for (const source of [readGolden(path).input, readGolden(path).expected]) {
      const printed = printGraph(parse(source));
      expect(printGraph(parse(printed))).toBe(printed);
    }
    expect(printGraph(parse(readGolden(path).expected))).toBe(readGolden(path).expected);
  });

  test('random graphs come back as they were', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 30 }), (seed) => {
        const { graph } = randomGraph(registry, seed, 14);
        const large = new Map([...graph.consts.values()].map((t) => [hashOf(t), t]));
        expect(parseGraph(printGraph(graph), registry, { weights: (hash) => large.get(hash) })).toEqual(graph);
      }),
      { numRuns: 40, seed: 3 },
    );
  });

  test('any name, however hostile', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, node) => {
        const id = valueId(name === '' ? 'x' : name);
        const types = new Map<typeof id, TensorType>([
          [id, { format: f32, shape: [2] }],
          [valueId('y y'), { format: f32, shape: [2] }],
        ]);
        const op: Op = {
          kind: 'relu',
          inputs: [id],
          outputs: [valueId('y y')],
          attrs: {},
          origins: [{ node, op: name }],
        };
        const graph: Graph = {
          name,
          inputs: [id],
          outputs: [valueId('y y')],
          types,
          consts: new Map(),
          ops: [op],
          removed: [{ origin: { node: name, op: node }, by: node }],
        };
        if (id === 'y y') return;
        const printed = printGraph(graph);

        expect(printed).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        expect(parse(printed)).toEqual(graph);
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  test('elements come back to the bit', () => {
    const values: Tensor[] = [
      fromNumbers(f32, [5], [0.1, -0, Infinity, NaN, 1e-45]),
      fromNumbers(f64, [3], [0.1, Number.MAX_VALUE, 5e-324]),
      fromNumbers(f16, [2], [0.1, 65504]),
      fromNumbers(u8, [0], []),
      tensor(i64, [2], BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n)),
      tensor(text, [2], ['a "quoted"\nline', '']),
    ];
    for (const value of values) {
      const id = valueId('c');
      const op: Op = {
        kind: 'const',
        inputs: [],
        outputs: [id],
        attrs: {},
        origins: [{ node: 'c', op: 'Initializer' }],
      };
      const graph: Graph = {
        name: 'g',
        inputs: [],
        outputs: [id],
        types: new Map([[id, { format: value.format, shape: value.shape }]]),
        consts: new Map([[id, value]]),
        ops: [op],
        removed: [],
      };
      expect(parse(printGraph(graph)).consts.get(id)).toEqual(value);
    }
  });

  test('bodies, absent operands, several outputs, attributes of every kind, assumed and unknown shapes', () => {
    const source = `graph g(%x: f32[1,1,2], %n: i64[3] assumed, %u: f32 unknown) {
  %w: f32[1,1,1] = const [2] from w (Initializer)
  %y: f32[1,1,2] = fused(%x, %w) from "a b" (Conv), r (Relu) {
    graph kernel(%x: f32[1,1,2], %w: f32[1,1,1]) {
      %c: f32[1,1,2] = conv(%x, %w, _) {pads=[0, 0], group=1} from "a b" (Conv)
      %y: f32[1,1,2] = relu(%c) from r (Relu)
      removed gone (Identity) by drop-no-ops
      return %y
    }
  }
  %m: i64[3] assumed = relu(%n) from rn (Relu)
  %v: f32 unknown = relu(%u) from ru (Relu)
  removed b, c (Cast) by "import: because"
  removed d by fold-bn
  return %y, %m, %v
}
`;
    expect(printGraph(parse(source))).toBe(source);
    expect(parse(source).ops[1]!.bodies![0]!.ops[0]!.inputs[2]).toBe(absent);
  });

  test('a large constant is named by its hash', () => {
    const source = 'graph g() {\n  %w: f32[100] = const sha256:0123456789abcdef from w (Initializer)\n  return %w\n}\n';
    expect(printGraph(parse(source))).toBe(source);
  });
});

const at = (body: string): string => `graph g(%x: f32[2]) {\n${body}\n  return %y\n}\n`;

test.each([
  ['', 'NL1030', 1, 1, /the text ends where "graph"/],
  ['graph g(%x: f32[2]) {', 'NL1030', 1, 22, /the text ends/],
  ['graph g(%x: f32[2]) {\n  return %x\n}\nx', 'NL1030', 4, 1, /the end of the text/],
  [at('  %y: f32[2] = relu(%x from /r'), 'NL1030', 2, 24, /"from" stands where "\)"/],
  [at('  %y: f32[2] = relu(%"x) from /r'), 'NL1030', 2, 22, /closing quote/],
  [at('  %y: f32[2] = rleu(%x) from /r'), 'NL1031', 2, 16, /no op "rleu"/],
  [at('  %y: f33[2] = relu(%x) from /r'), 'NL1031', 2, 7, /no number format "f33"/],
  [at('  %y: f32[3] = relu(%x) from /r'), 'NL1031', 2, 3, /said to be f32\[3\], but it is f32\[2\]/],
  [at('  %y: f32[2] = relu(%z) from /r'), 'NL1031', 2, 3, /%z is used before it is defined/],
  [at('  %y: f32[2] = relu(%x)'), 'NL1031', 2, 3, /no origin/],
  [at('  %x: f32[2] = relu(%x) from /r'), 'NL1031', 2, 3, /defined twice/],
  [at('  %y: f32[2] = relu(%x) {slope=1} from /r'), 'NL1031', 2, 3, /no attribute "slope"/],
  [at('  %y: f32[2] = relu(%x, %x) from /r'), 'NL1031', 2, 3, /number of inputs/],
  [at('  %y: u8[1] = const [256] from /r'), 'NL1031', 2, 15, /256 is no u8/],
  [at('  %y: u8[2] = const [1] from /r'), 'NL1031', 2, 15, /1 elements are given/],
  [at('  %y: f32[9007199254740993] = relu(%x) from /r'), 'NL1030', 2, 11, /size of an axis/],
  [at('  %y: f32[4294967296,4294967296] = relu(%x) from /r'), 'NL1031', 2, 7, /2\^53/],
  [at('  %y: f32[2] = transpose(%x) {perm=[0], perm=[0]} from /r'), 'NL1031', 2, 41, /stands twice/],
  [at('  %y: f32[2] = transpose(%x) {perm=[0, "a"]} from /r'), 'NL1030', 2, 40, /a number/],
  [at('  %y: f32[2] = transpose(%x) {perm=[1e]} from /r'), 'NL1030', 2, 37, /a number/],
])('%j is refused with its place', (source, code, line, column, cause) => {
  try {
    parse(source);
  } catch (e) {
    if (!isNetloomError(e)) throw e;
    const [d] = e.diagnostics;
    expect([d!.code, d!.locations[0]!.line, d!.locations[0]!.column]).toEqual([code, line, column]);
    expect(d!.cause).toMatch(cause);
    expect(e.exitCode).toBe(3);
    return;
  }
  expect.fail('it was accepted');
});

test('bodies nest to a limit, not to the end of the stack', () => {
  const deep = 'graph g() { () = fused() from a { '.repeat(5000);
  expect(() => parse(deep)).toThrow(/NL1031/);
});

test('damaged text is refused or read, never a crash', () => {
  const [path] = goldenFiles('tests/golden/passes/fuse-tails', '.loom');
  const source = readGolden(path!).input;
  fc.assert(
    fc.property(fc.nat(source.length), fc.nat(8), fc.string({ maxLength: 4 }), (start, width, put) => {
      try {
        parse(source.slice(0, start) + put + source.slice(start + width));
      } catch (e) {
        expect(isNetloomError(e), String(e)).toBe(true);
      }
    }),
    { numRuns: 400, seed: 5 },
  );
});

test('sha256 agrees with that of Node', () => {
  for (const n of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
    const bytes = Uint8Array.from({ length: n }, (_, i) => i * 7);
    expect(sha256(bytes)).toBe(createHash('sha256').update(bytes).digest('hex'));
  }
});
