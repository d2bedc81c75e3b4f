/** Weights that are no numbers, sizes that stay open, names of results, and small files that stand for much. */
import { describe, expect, test } from 'vitest';
import { type Diagnostic } from '../../src/base/diagnostics.ts';
import { type LoadOptions } from '../../src/netloom.ts';
import { floats, io, modelBytes, relu, value, wholes, type Message } from '../models/raw-model.ts';
import { branch, call, faults, ifNode, load, local, truth, withNode, withWeight } from '../models/faulty-models.ts';

describe('weights that are no numbers', () => {
  const warnings = (values: readonly number[]): readonly Diagnostic[] =>
    faults(withWeight(floats('w', [values.length], values)));

  test('NaN and infinity among weights are named', () => {
    expect(warnings([1, NaN, 2])).toMatchObject([
      {
        code: 'NL1019',
        level: 'warning',
        locations: [{ tensor: '"w" f32[3]' }],
        message: expect.stringMatching(/"w" holds NaN/) as string,
      },
    ]);
    expect(warnings([1, -Infinity, 2])).toMatchObject([{ code: 'NL1019', level: 'warning' }]);
  });

  test('masks of 0 and infinity pass', () => {
    expect(warnings([0, -Infinity, -Infinity])).toEqual([]);
    expect(warnings([1, 2, 3])).toEqual([]);
  });

  test('a negative variance is named', () => {
    const ones = floats('s', [3], [1, 1, 1]);
    const bytes = withNode(
      { opType: 'BatchNormalization', name: 'bn', input: ['x', 's', 's', 's', 'v'], output: ['y'] },
      [ones, floats('v', [3], [1, -1, 1])],
    );
    expect(faults(bytes)).toMatchObject([
      { code: 'NL1019', level: 'warning', locations: [{ node: 'bn', tensor: '"v" f32[3]' }] },
    ]);
  });

  test('weights in constants and branches are looked at, too', () => {
    const constant = (name: string): Message => ({
      opType: 'Constant',
      output: [name],
      attribute: [{ name: 'value', type: 4, t: floats('', [2], [NaN, 1]) }],
    });
    expect(faults(modelBytes({ ...io, output: [value('k')], node: [constant('k')] }))).toMatchObject([
      { code: 'NL1019' },
    ]);
    const bytes = modelBytes({
      input: [value('x', [1, 3]), value('c', [], 9)],
      output: io.output,
      node: [ifNode([branch('then_branch', 'q', [constant('q')]), branch('else_branch', 'x')])],
    });
    expect(faults(bytes).map((d) => d.code)).toContain('NL1019');
  });
});

describe('sizes and shapes that are open', () => {
  test('an open dimension is taken as 1, and named', () => {
    expect(faults(modelBytes({ ...io, input: [value('x', ['batch', 3])], node: [relu] }))).toMatchObject([
      { code: 'NL1016', level: 'note', message: expect.stringMatching(/"batch"/) as string },
    ]);
  });

  test.each<[string, LoadOptions, RegExp]>([
    ['a wrong name', { shapes: { X: [1] } }, /no such input/],
    ['a wrong rank', { shapes: { x: [1, 2, 3] } }, /does not fit/],
    ['a fixed axis', { shapes: { x: [1, 4] } }, /does not fit/],
    ['a wrong dimension', { dims: { batchh: 3 } }, /no input has it/],
    ['too many axes', { shapes: { x: new Array<number>(65).fill(1) } }, /does not fit/],
  ])('%s', (_, options, message) => {
    expect(faults(modelBytes({ ...io, input: [value('x', ['batch', 3])], node: [relu] }), options)[0]).toMatchObject({
      code: 'NL1017',
      message: expect.stringMatching(message) as string,
    });
  });

  test('a shape beyond counting', () => {
    expect(
      faults(modelBytes({ ...io, input: [value('x', ['batch', 3])], node: [relu] }), { dims: { batch: 2 ** 52 } })[0]
        ?.code,
    ).toBe('NL1002');
  });
});

test('results of functions and branches carry the names of the caller', () => {
  const f = load(
    call({
      node: [
        { opType: 'Relu', input: ['a'], output: ['t'] },
        { opType: 'Relu', input: ['t'], output: ['b'] },
      ],
    }),
  );
  expect(f.graph.outputs).toEqual(['y']);
  const i = load(
    modelBytes({
      ...io,
      initializer: [truth],
      node: [
        ifNode([
          branch('then_branch', 'q', [{ opType: 'Relu', input: ['x'], output: ['q'] }]),
          branch('else_branch', 'x'),
        ]),
      ],
    }),
  );
  expect(i.graph.outputs).toEqual(['y']);
});

describe('small files that stand for much', () => {
  const many = (n: number, node: (i: number) => Message): Uint8Array =>
    modelBytes({ ...io, node: [relu, ...Array.from({ length: n }, (_, i) => node(i))] });
  const bomb = Array.from({ length: 14 }, (_, i): Message => ({
    ...local,
    domain: 'l',
    name: i === 0 ? 'f' : `f${i}`,
    input: ['a'],
    output: ['b9'],
    node: Array.from({ length: 10 }, (_, k) => ({
      opType: i === 13 ? 'Relu' : `f${i + 1}`,
      domain: i === 13 ? '' : 'l',
      input: [k === 0 ? 'a' : `b${k - 1}`],
      output: [`b${k}`],
    })),
  }));
  const small = branch('then_branch', 'n1');
  const crowd: Message = {
    name: 'crowd',
    node: [
      ...Array.from({ length: 4000 }, (_, i) => ({ opType: 'Relu', input: ['x'], output: [`n${i}`] })),
      ...Array.from({ length: 8000 }, (_, i) => ({
        opType: 'If',
        input: ['c'],
        output: [`i${i}`],
        attribute: [small, { ...small, name: 'else_branch' }],
      })),
    ],
    output: [{ name: 'i1' }],
  };

  test.each<[string, () => Uint8Array, string]>([
    [
      'nodes of unknown operators',
      () => many(25_000, (i) => ({ opType: `Fooo${i}`, input: ['x'], output: [`o${i}`] })),
      'NL1002',
    ],
    [
      'uses of unknown values',
      () =>
        many(8_000, (i) => ({
          opType: 'Relu',
          input: [`an_undefined_value_with_a_long_name_${i}`],
          output: [`an_output_with_a_long_name_${i}`],
        })),
      'NL1006',
    ],
    [
      'functions of functions',
      () =>
        modelBytes(
          { ...io, node: [{ opType: 'f', domain: 'l', input: ['x'], output: ['y'] }] },
          { ...local, functions: bomb },
        ),
      'NL1002',
    ],
    [
      'branches in a crowded body',
      () =>
        modelBytes({
          input: [value('x', [1, 3]), value('c', [], 9)],
          output: io.output,
          node: [
            {
              opType: 'If',
              input: ['c'],
              output: ['y'],
              attribute: [{ name: 'then_branch', type: 5, g: crowd }, small],
            },
          ],
        }),
      'NL1006',
    ],
    [
      'sparse tensors',
      () =>
        modelBytes({
          ...io,
          sparseInitializer: Array.from({ length: 3000 }, (_, i) => ({
            dims: [2 ** 26],
            values: { name: `s${i}`, dims: [1], dataType: 11, doubleData: [1] },
            indices: wholes('', [0]),
          })),
          node: [relu],
        }),
      'NL1005',
    ],
  ])('%s are refused soon', (_, make, code) => {
    const bytes = make();
    expect(bytes.length).toBeLessThan(2 ** 21);
    const start = performance.now();
    expect(faults(bytes).map((d) => d.code)).toContain(code);
    // 2 s on a machine of its own; tests share theirs.
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
